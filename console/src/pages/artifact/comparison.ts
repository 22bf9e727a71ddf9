import { diffLines } from 'diff';

/** A line on one side: its number there and its text. */
export interface Line {
  number: number;
  text: string;
}

/** What stands beside each other; a line that is on one side only has nothing on the other. */
export interface Pair {
  kind: 'same' | 'changed' | 'removed' | 'added';
  left?: Line;
  right?: Line;
}

/** Pairs that are shown, or a run of unchanged ones that is folded. */
export type Part = { folded: false; pairs: Pair[] } | { folded: true; pairs: Pair[] };

/** A run of lines that are in both texts, or in one of them. */
interface Run {
  value: string[];
  added: boolean;
  removed: boolean;
}

// A comparison of two texts that have little in common takes the square of their length: it ends here.
const longest = 400;

const linesOf = (text: string) => text.replace(/\n$/, '').split('\n');

/** Everything between the same beginning and the same end is another: true, if not the shortest way to say it. */
function roughly(before: string[], after: string[]): Run[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let end = 0;
  while (end < shorter - head && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const runs: Run[] = [
    { value: before.slice(0, head), added: false, removed: false },
    { value: before.slice(head, before.length - end), added: false, removed: true },
    { value: after.slice(head, after.length - end), added: true, removed: false },
    { value: before.slice(before.length - end), added: false, removed: false },
  ];
  return runs.filter((run) => run.value.length > 0);
}

function runsOf(before: string, after: string): Run[] {
  const runs = diffLines(before, after, { timeout: longest });
  if (runs === undefined) return roughly(linesOf(before), linesOf(after));
  return runs.map(({ value, added, removed }) => ({ value: linesOf(value), added, removed }));
}

/** The differences of two texts, line by line: what was replaced stands beside what replaced it. */
export function compared(before: string, after: string): Pair[] {
  const pairs: Pair[] = [];
  const next = { left: 1, right: 1 };
  let waiting: Line[] = [];
  const flush = () => {
    pairs.push(...waiting.map((left): Pair => ({ kind: 'removed', left })));
    waiting = [];
  };
  for (const run of runsOf(before, after)) {
    const left = run.added ? [] : run.value.map((text) => ({ number: next.left++, text }));
    const right = run.removed ? [] : run.value.map((text) => ({ number: next.right++, text }));
    if (run.removed) {
      waiting.push(...left);
      continue;
    }
    if (run.added) {
      pairs.push(...right.map((line) => beside(waiting.shift(), line)));
      continue;
    }
    flush();
    pairs.push(...right.map((line, index): Pair => ({ kind: 'same', left: left[index], right: line })));
  }
  flush();
  return pairs;
}

const beside = (left: Line | undefined, right: Line): Pair =>
  left === undefined ? { kind: 'added', right } : { kind: 'changed', left, right };

const context = 3;

/** Folds long runs of what did not change; some lines around each change stay. */
export function folded(pairs: Pair[]): Part[] {
  const near = new Uint8Array(pairs.length);
  pairs.forEach((pair, index) => {
    if (pair.kind !== 'same') near.fill(1, Math.max(0, index - context), index + context + 1);
  });
  const parts: Part[] = [];
  pairs.forEach((pair, index) => {
    const fold = near[index] === 0;
    const last = parts.at(-1);
    if (last?.folded === fold) last.pairs.push(pair);
    else parts.push({ folded: fold, pairs: [pair] });
  });
  return parts;
}

/** How many lines are other ones, on both sides. */
export function countsOf(pairs: Pair[]): { removed: number; added: number } {
  const isOther = (pair: Pair) => pair.kind !== 'same';
  return {
    removed: pairs.filter((pair) => isOther(pair) && pair.left).length,
    added: pairs.filter((pair) => isOther(pair) && pair.right).length,
  };
}
