// A run that is all there: takes the place of the connection (drawing/stream.js) and gives the pictures their scenes.
import { scenesOf } from "./frames.js";

const reels = new Map(), pictures = new Map();
export const now = { step: 0, language: "en", card: 0 };

// The bytes of a reel and where each of its moments begins; it is unpacked when it is first shown.
function reel(kind, language) {
  const name = `reel-${language}-${kind}`;
  if (!reels.has(name)) reels.set(name, unpacked(document.getElementById(name).textContent));
  return reels.get(name);
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const buffer = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  const lengths = new DataView(buffer), moments = [];
  for (let at = 0; at < buffer.byteLength; ) {
    const end = at + 4 + lengths.getUint32(at, true);
    moments.push([at + 4, end]);
    at = end;
  }
  return (i) => scenesOf(buffer.slice(...moments[i])).scenes.map(({ scene }) => scene);
}

async function give(picture) {
  if (!picture.isSeen && picture.isBegun) return;
  const { step, language } = now, moments = await reel(picture.kind, language);
  // A later wish has gone before.
  if (picture.isGone || step !== now.step || language !== now.language) return;
  if (!picture.isBegun) picture.show(moments(0)[0] ?? {}, true);
  picture.isBegun = true;
  picture.scenes = moments(step + 1);
  picture.show(picture.scenes[now.card % picture.scenes.length], false);
}

// As in drawing/stream.js; the key is the kind of view.
export function join(kind, place, show) {
  const picture = { kind, show, isSeen: true, isBegun: false, isGone: false, scenes: [] };
  pictures.set(place, picture);
  give(picture);
  return {
    see(isSeen) {
      if (isSeen && !picture.isSeen) {
        picture.isSeen = true;
        give(picture);
      }
      picture.isSeen = isSeen;
    },
    leave() {
      picture.isGone = true;
      if (pictures.get(place) === picture) pictures.delete(place);
    },
  };
}

export function scenesAt(place) {
  return pictures.get(place)?.scenes ?? [];
}

export function showAll() {
  return Promise.all([...pictures.values()].map(give));
}
