// The drawing module of each kind of view: one file each, loaded when it is first shown.

const loaded = new Map();

export function view(kind) {
  if (!loaded.has(kind)) loaded.set(kind, import(`../${kind}.js`));
  return loaded.get(kind);
}
