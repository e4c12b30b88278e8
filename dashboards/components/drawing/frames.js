// Binary messages to scenes: {meta: {...}, arrays: [[name, kind, shape], ...]} and one buffer an array.

const KINDS = { f4: Float32Array, i4: Int32Array, i2: Int16Array, u2: Uint16Array, u1: Uint8Array, i1: Int8Array };

export function decoded(message, buffers) {
  const scene = { ...message.meta };
  message.arrays.forEach(([name, kind, shape], i) => {
    const view = buffers[i];
    const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
    const values = new KINDS[kind](bytes);
    scene[name] = shape.length === 2 ? rows(values, shape) : values;
  });
  return scene;
}

function rows(values, [n, across]) {
  return Array.from({ length: n }, (_, i) => values.subarray(i * across, (i + 1) * across));
}
