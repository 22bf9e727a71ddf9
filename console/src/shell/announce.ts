// One polite live region for the whole console: whoever does not see the page hears what changed, never more often
// than every five seconds, the last word wins.
const quietFor = 5_000;
let region: HTMLElement | undefined;
let waiting: ReturnType<typeof setTimeout> | undefined;
let last = -quietFor;
let text = '';

export function speakIn(element: HTMLElement | null) {
  region = element ?? undefined;
}

export function announce(message: string) {
  text = message;
  if (waiting !== undefined) return;
  waiting = setTimeout(
    () => {
      waiting = undefined;
      last = performance.now();
      if (region) region.textContent = text;
    },
    Math.max(0, last + quietFor - performance.now()),
  );
}
