// The frames of a run, on a websocket of their own: one binary message for all pictures that are in sight.
import { afterwards } from "./conductor.js";
import { scenesOf } from "./frames.js";

const GONE = 4404; // the run has ended
const AGAIN = [100, 300, 1000, 2000]; // ms before each try to connect anew; the last one for all further
const streams = new Map();
let marks = 0;

class Stream {
  constructor(key) {
    this.key = key;
    this.pictures = new Map();
    this.tries = 0;
    this.connect();
  }

  connect() {
    const address = new URL(`${window.solara?.rootPath ?? ""}/frames/${this.key}`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = this.socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.tries = 0;
      this.report();
    };
    socket.onmessage = ({ data }) => {
      const { number, scenes } = scenesOf(data);
      for (const { place, scene, isGround } of scenes) this.pictures.get(place)?.take(scene, isGround);
      afterwards(() => socket.readyState === WebSocket.OPEN && socket.send(String(number)));
    };
    socket.onclose = ({ code }) => {
      if (code === GONE || socket !== this.socket || !this.pictures.size) return;
      this.again = setTimeout(() => this.connect(), AGAIN[Math.min(this.tries, AGAIN.length - 1)]);
      this.tries += 1;
    };
  }

  // Tell which pictures there are, once for all that come and go in one go.
  report() {
    this.told ??= Promise.resolve().then(() => {
      this.told = null;
      if (this.socket.readyState !== WebSocket.OPEN) return;
      this.socket.send(JSON.stringify([...this.pictures].map(([place, { mark, isSeen }]) => [place, mark, isSeen])));
    });
  }

  end() {
    clearTimeout(this.again);
    this.socket.close();
    streams.delete(this.key);
  }
}

// Have a picture shown what is sent to a place: show(scene, isGround). Answers with what it can say.
export function join(key, place, show) {
  if (!streams.has(key)) streams.set(key, new Stream(key));
  const stream = streams.get(key), picture = { take, mark: (marks += 1), isSeen: true };
  let isBegun = false;

  // What was under way to another picture in this place, before the server knew of this one, has no ground here.
  function take(scene, isGround) {
    isBegun ||= isGround;
    if (isBegun) show(scene, isGround);
  }

  stream.pictures.set(place, picture);
  stream.report();
  return {
    see(isSeen) {
      picture.isSeen = isSeen;
      stream.report();
    },
    leave() {
      if (stream.pictures.get(place) === picture) stream.pictures.delete(place);
      if (stream.pictures.size) stream.report();
      else stream.end();
    },
  };
}
