import { Button } from '@patternfly/react-core';
import { useState } from 'react';
import { Link } from 'react-router';

import { bitbucketUrl } from './upstream';

const shownAtOnce = 50;
const shownOfText = 2_000;
const openTo = 2;
const openUpTo = 12;

const uuid = /^\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i;

function Text({ text, name }: { text: string; name: string }) {
  const [whole, setWhole] = useState(false);
  const url = bitbucketUrl(text);
  if (url !== null) {
    return (
      <a href={url} target="_blank" rel="noopener noreferrer" className="ev-wrap">
        {text}
      </a>
    );
  }
  if (uuid.test(text)) return <Link to={`/artifacts?q=${encodeURIComponent(text)}`}>{text}</Link>;
  if (name === 'full_name') return <Link to={`/artifacts?repository=${encodeURIComponent(text)}`}>{text}</Link>;
  if (text === '') return <span className="ev-quiet">empty</span>;
  return (
    <>
      <bdi className="ev-wrap ev-tree-text">{whole ? text : text.slice(0, shownOfText)}</bdi>
      {!whole && text.length > shownOfText && (
        <>
          {' … '}
          <Button variant="link" isInline onClick={() => setWhole(true)}>
            Show all of it
          </Button>
        </>
      )}
    </>
  );
}

function Plain({ value, name }: { value: unknown; name: string }) {
  if (typeof value === 'string') return <Text text={value} name={name} />;
  if (value === null) return <span className="ev-quiet">null</span>;
  return <code>{JSON.stringify(value)}</code>;
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;

function summaryOf(value: object): string {
  const count = Object.keys(value).length;
  if (Array.isArray(value)) return count === 1 ? '1 item' : `${count} items`;
  const { display_name, full_name, name, title } = value as Record<string, unknown>;
  const called = [display_name, full_name, name, title].find((each) => typeof each === 'string');
  return typeof called === 'string' ? called : count === 1 ? '1 member' : `${count} members`;
}

function Nested({ name, value, depth }: { name: string; value: object; depth: number }) {
  const count = Object.keys(value).length;
  const [open, setOpen] = useState(count > 0 && depth < openTo && count <= openUpTo && name !== 'links');
  if (count === 0) return <span className="ev-quiet">{Array.isArray(value) ? 'no items' : 'no members'}</span>;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <bdi className="ev-wrap">{summaryOf(value)}</bdi>
      </summary>
      {open && <Tree value={value} depth={depth + 1} />}
    </details>
  );
}

/** An object as names and values. Only what is open is in the document, and of long lists only the first ones. */
export function Tree({ value, depth = 0 }: { value: object; depth?: number }) {
  const [shown, setShown] = useState(shownAtOnce);
  const entries = Object.entries(value);
  return (
    <>
      <dl className="ev-tree">
        {entries.slice(0, shown).map(([name, each]: [string, unknown]) => (
          <div key={name} className="ev-tree-entry">
            <dt className="ev-wrap">{name}</dt>
            <dd>
              {isNested(each) ? <Nested name={name} value={each} depth={depth} /> : <Plain value={each} name={name} />}
            </dd>
          </div>
        ))}
      </dl>
      {entries.length > shown && (
        <Button variant="link" isInline onClick={() => setShown(shown + 10 * shownAtOnce)}>
          Show {Math.min(10 * shownAtOnce, entries.length - shown)} more of {entries.length}
        </Button>
      )}
    </>
  );
}
