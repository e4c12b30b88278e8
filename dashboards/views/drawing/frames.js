// Binary messages to scenes. Arrays are views into the message: nothing is copied where it lies on whole words.

const KINDS = { f4: Float32Array, i4: Int32Array, i2: Int16Array, u2: Uint16Array, u1: Uint8Array, i1: Int8Array };
const text = new TextDecoder();
const padded = (n) => n + (-n & 3);

// {meta: {...}, arrays: [[name, kind, shape], ...]} and one buffer an array.
export function decoded(message, buffers) {
  const scene = { ...message.meta };
  message.arrays.forEach(([name, kind, shape], i) => {
    const view = buffers[i];
    const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
    scene[name] = shaped(new KINDS[kind](bytes), shape);
  });
  return scene;
}

// A message of a stream (dashboards/live/stream.py): its number, and for each scene place, contents and whether it is the ground.
export function scenesOf(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(text.decode(new Uint8Array(buffer, 4, length)));
  let at = padded(4 + length);
  const scenes = head.scenes.map(({ place, is_ground: isGround, meta, arrays }) => {
    const scene = { ...meta };
    for (const [name, kind, shape] of arrays) {
      const count = shape.reduce((n, size) => n * size, 1), values = new KINDS[kind](buffer, at, count);
      scene[name] = shaped(values, shape);
      at = padded(at + values.byteLength);
    }
    return { place, isGround, scene };
  });
  return { number: head.number, scenes };
}

function shaped(values, [n, across]) {
  if (across === undefined) return values;
  return Array.from({ length: n }, (_, i) => values.subarray(i * across, (i + 1) * across));
}
