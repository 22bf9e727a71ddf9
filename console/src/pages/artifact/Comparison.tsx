import { Button } from '@patternfly/react-core';
import { diffWordsWithSpace } from 'diff';
import { useState } from 'react';

import { plural } from '../../common/format';
import { folded, type Line, type Pair } from './comparison';

const longestForWords = 500;
type Side = 'left' | 'right';

const words: Record<Side, { sign: string; says: string; tone: string }> = {
  left: { sign: '−', says: 'removed: ', tone: 'ev-diff-removed' },
  right: { sign: '+', says: 'added: ', tone: 'ev-diff-added' },
};

/** A changed line, with the words marked that the other side does not have. */
function Words({ pair, side }: { pair: Pair; side: Side }) {
  const text = pair[side]?.text ?? '';
  const other = pair[side === 'left' ? 'right' : 'left']?.text;
  if (pair.kind !== 'changed' || other === undefined || text.length + other.length > longestForWords) return text;
  const parts = side === 'left' ? diffWordsWithSpace(text, other) : diffWordsWithSpace(other, text);
  return parts
    .filter((part) => (side === 'left' ? !part.added : !part.removed))
    .map((part, index) => (part.added || part.removed ? <mark key={index}>{part.value}</mark> : part.value));
}

function Cells({ pair, side }: { pair: Pair; side: Side }) {
  const line: Line | undefined = pair[side];
  if (line === undefined) return <td colSpan={3} className="ev-diff-nothing" />;
  const { sign, says, tone } = words[side];
  const other = pair.kind !== 'same';
  return (
    <>
      <td className="ev-diff-number">{line.number}</td>
      <td className={other ? tone : undefined} aria-hidden="true">
        {other ? sign : ''}
      </td>
      <td className={`ev-diff-text ${other ? tone : ''}`}>
        {other && <span className="pf-v6-screen-reader">{says}</span>}
        <Words pair={pair} side={side} />
      </td>
    </>
  );
}

function Beside({ pairs }: { pairs: Pair[] }) {
  return pairs.map((pair) => (
    <tr key={`${pair.left?.number ?? ''}:${pair.right?.number ?? ''}`}>
      <Cells pair={pair} side="left" />
      <Cells pair={pair} side="right" />
    </tr>
  ));
}

/** What was removed stands above what came in its place. */
function inOneColumn(pairs: Pair[]): [Pair, Side][] {
  const rows: [Pair, Side][] = [];
  let added: [Pair, Side][] = [];
  for (const pair of pairs) {
    if (pair.kind === 'same') {
      rows.push(...added, [pair, 'right']);
      added = [];
      continue;
    }
    if (pair.left) rows.push([pair, 'left']);
    if (pair.right) added.push([pair, 'right']);
  }
  return [...rows, ...added];
}

function Inline({ pairs }: { pairs: Pair[] }) {
  return inOneColumn(pairs).map(([pair, side]) => (
    <tr key={`${side} ${pair[side]?.number ?? ''}`}>
      <Cells pair={pair} side={side} />
    </tr>
  ));
}

interface PartProperties {
  pairs: Pair[];
  inline: boolean;
  /** Unchanged, and folded at first. */
  folds: boolean;
}

const shownAtOnce = 1_000;

function Part({ pairs, inline, folds }: PartProperties) {
  const [shown, setShown] = useState(folds ? 0 : shownAtOnce);
  const rest = pairs.length - shown;
  const seen = pairs.slice(0, shown);
  return (
    <tbody>
      {inline ? <Inline pairs={seen} /> : <Beside pairs={seen} />}
      {rest > 0 && (
        <tr>
          <td colSpan={inline ? 3 : 6} className="ev-diff-fold">
            <Button variant="link" isInline size="sm" onClick={() => setShown(shown + shownAtOnce)}>
              {folds ? plural(rest, 'unchanged line') : plural(rest, 'further line')}
            </Button>
          </td>
        </tr>
      )}
    </tbody>
  );
}

/** Number, sign and text of each side; the texts share what is left. */
function Widths({ sides }: { sides: number }) {
  return Array.from({ length: sides }, (_, side) => (
    <colgroup key={side}>
      <col className="ev-diff-numbers" />
      <col className="ev-diff-signs" />
      <col />
    </colgroup>
  ));
}

/** Two texts line by line, side by side or in one column. */
export function Comparison({ pairs, inline, names }: { pairs: Pair[]; inline: boolean; names: [string, string] }) {
  return (
    <div className="ev-scroll" tabIndex={0} role="region" aria-label="Differences">
      <table className={inline ? 'ev-diff ev-diff-inline' : 'ev-diff'}>
        <caption className="pf-v6-screen-reader">Differences of {names.join(' and ')}</caption>
        <Widths sides={inline ? 1 : 2} />
        <thead>
          <tr>
            {(inline ? [names.join(' → ')] : names).map((name) => (
              <th key={name} colSpan={3} scope="colgroup">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        {folded(pairs).map((part) => (
          <Part
            key={`${part.pairs[0]?.left?.number ?? ''}:${part.pairs[0]?.right?.number ?? ''}`}
            pairs={part.pairs}
            inline={inline}
            folds={part.folded}
          />
        ))}
      </table>
    </div>
  );
}
