// One animation frame for all pictures of the page: those that ask are painted together, then what waits for it is told.

const waiting = new Set(), after = [];
let asked = 0;

function beat() {
  if (!asked) asked = requestAnimationFrame(play);
}

function play(now) {
  asked = 0;
  const those = [...waiting];
  waiting.clear();
  for (const paint of those) {
    try {
      if (paint(now) === false) waiting.add(paint);
    } catch (error) {
      // One picture that fails must not stop the others, nor the frames to come.
      reportError(error);
    }
  }
  if (waiting.size) beat();
  else after.splice(0).forEach((act) => act());
}

// paint(now) at the next frame, however often it is asked for; if it answers false, at the one after it again.
export function ask(paint) {
  waiting.add(paint);
  beat();
}

export function forget(paint) {
  waiting.delete(paint);
}

// act once everything that was asked for is painted.
export function afterwards(act) {
  after.push(act);
  beat();
}
