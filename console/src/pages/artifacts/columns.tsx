import type { ReactNode } from 'react';

import type { ArtifactRow } from '../../api/artifacts';
import { ArtifactState } from '../../common/ArtifactState';
import { countText, type TimeMode, wordsOf } from '../../common/format';
import { PlainTime } from '../../common/Time';

export interface Column {
  name: string;
  title: string;
  /** A track of a CSS grid. */
  width: string;
  cell: (row: ArtifactRow, nameOf: NameOf) => ReactNode;
  /** The whole text, where a cell may cut it. */
  text?: (row: ArtifactRow, nameOf: NameOf) => string;
}

/** How wide a time is, by the way it is shown. */
export const timeWidths: Record<TimeMode, string> = { relative: '7rem', utc: '11.5rem', local: '14rem' };

/** The name of a source by its id. */
export type NameOf = (sourceId: string) => string;

const none = <span className="ev-quiet">–</span>;

function textual(name: string, title: string, width: string, text: NonNullable<Column['text']>): Column {
  const cell: Column['cell'] = (row, nameOf) => {
    const shown = text(row, nameOf);
    return shown === '' ? none : <bdi>{shown}</bdi>;
  };
  return { name, title, width, cell, text };
}

const timed = (name: string, title: string, at: (row: ArtifactRow) => string | null | undefined): Column => ({
  name,
  title,
  width: 'minmax(var(--ev-grid-time), 1fr)',
  cell: (row) => <PlainTime at={at(row)} />,
});

/** Where there is no room, it is the workspace that is cut. */
function Repository({ name }: { name: string }) {
  const at = name.indexOf('/') + 1;
  return (
    <bdi className="ev-repository">
      <span>{name.slice(0, at)}</span>
      <span>{name.slice(at)}</span>
    </bdi>
  );
}

/** The one that is always there: it links to the artifact. */
export const titleColumn: Column = textual(
  'title',
  'Title',
  'minmax(10rem, 4fr)',
  (row) => row.title || row.upstream_id,
);

/** Those that may be chosen, in the order that they are shown in. */
export const columns: Column[] = [
  textual('kind', 'Kind', 'minmax(9rem, 1fr)', (row) => wordsOf(row.kind)),
  {
    name: 'state',
    title: 'State',
    width: 'minmax(7.5rem, 0.7fr)',
    cell: (row) =>
      row.state || row.removed_at ? (
        <ArtifactState state={row.state} removedAt={row.removed_at} />
      ) : (
        none
      ),
    text: (row) => [row.removed_at ? 'Removed' : '', row.state ?? ''].filter(Boolean).join(', '),
  },
  textual('source', 'Source', 'minmax(9rem, 1.5fr)', (row, nameOf) => nameOf(row.source_id)),
  textual('workspace', 'Workspace', 'minmax(8rem, 1fr)', (row) => row.workspace ?? ''),
  textual('project', 'Project', 'minmax(6rem, 1fr)', (row) => row.project ?? ''),
  {
    name: 'repository',
    title: 'Repository',
    width: 'minmax(9rem, 2fr)',
    cell: (row) => (row.repository ? <Repository name={row.repository} /> : none),
    text: (row) => row.repository ?? '',
  },
  timed('dated_at', 'Happened', (row) => row.dated_at),
  timed('observed_at', 'Observed', (row) => row.observed_at),
  timed('first_observed_at', 'First observed', (row) => row.first_observed_at),
  timed('removed_at', 'Removed', (row) => row.removed_at),
  textual('revision', 'Revision', '6rem', (row) => countText(row.revision)),
  textual('upstream_id', 'Upstream id', 'minmax(12rem, 2fr)', (row) => row.upstream_id),
  textual('sha256', 'SHA-256', 'minmax(12rem, 1fr)', (row) => row.content_sha256 ?? ''),
];

const usual = ['kind', 'state', 'repository', 'dated_at'];

/** The columns that an address chooses; without a choice the usual ones. */
export function chosenColumns(parameter: string | null): Column[] {
  const names = parameter === null ? usual : parameter.split(',');
  return columns.filter((column) => names.includes(column.name));
}

/** What an address says for these columns; "" where it need not say anything. */
export function columnsParameter(names: string[]): string {
  const ordered = columns.map((column) => column.name).filter((name) => names.includes(name));
  if (ordered.join() === usual.join()) return '';
  // An empty parameter would be as good as none.
  return ordered.length === 0 ? 'none' : ordered.join();
}
