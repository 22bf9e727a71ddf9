import { Skeleton } from '@patternfly/react-core';
import { type CSSProperties, type FocusEvent, type KeyboardEvent, memo, useRef, useState } from 'react';
import { Link } from 'react-router';

import type { ArtifactRow } from '../../api/artifacts';
import { usePreferences } from '../../common/preferences';
import { type Column, type NameOf, timeWidths, titleColumn } from './columns';
import { type Cell, moved } from './movement';
import type { Pages } from './pages';
import { useRows } from './useRows';
import { useGridFocus } from './useGridFocus';

interface RowProperties {
  row: ArtifactRow | undefined;
  index: number;
  top: number;
  columns: Column[];
  nameOf: NameOf;
  /** The column that the keyboard is at, if it is in this row. */
  active: number | null;
}

/** The title is the link; every other cell takes the focus itself. */
const Row = memo(function Row({ row, index, top, columns, nameOf, active }: RowProperties) {
  const place: CSSProperties = { transform: `translateY(${top}px)` };
  if (row === undefined) {
    return (
      <div role="row" aria-rowindex={index + 2} className="ev-grid-row" style={place} aria-busy="true">
        <div role="gridcell" className="ev-grid-cell ev-quiet">
          <Skeleton width="60%" screenreaderText="Loading" />
        </div>
      </div>
    );
  }
  const title = titleColumn.text?.(row, nameOf);
  return (
    <div role="row" aria-rowindex={index + 2} className="ev-grid-row" style={place}>
      <div role="rowheader" className="ev-grid-cell">
        <Link
          to={`/artifacts/${row.id}`}
          title={title}
          data-cell={`${index}:0`}
          tabIndex={active === 0 ? 0 : -1}
          dir="auto"
          className="ev-grid-link"
        >
          {titleColumn.cell(row, nameOf)}
        </Link>
      </div>
      {columns.map((column, place) => (
        <div
          key={column.name}
          role="gridcell"
          dir="auto"
          className="ev-grid-cell"
          title={column.text?.(row, nameOf)}
          data-cell={`${index}:${place + 1}`}
          tabIndex={active === place + 1 ? 0 : -1}
        >
          {column.cell(row, nameOf)}
        </div>
      ))}
    </div>
  );
});

function Head({ columns }: { columns: Column[] }) {
  return (
    <div role="row" aria-rowindex={1} className="ev-grid-row ev-grid-head">
      {[titleColumn, ...columns].map((column) => (
        <div key={column.name} role="columnheader" className="ev-grid-cell">
          {column.title}
        </div>
      ))}
    </div>
  );
}

interface GridProperties {
  pages: Pages<ArtifactRow>;
  columns: Column[];
  nameOf: NameOf;
  /** How many rows there are in all; undefined while nobody knows. */
  total: number | undefined;
}

function cellOf(target: EventTarget): Cell | null {
  const at = target instanceof HTMLElement ? target.dataset.cell : undefined;
  const [row, column] = (at ?? '').split(':').map(Number);
  return row === undefined || column === undefined ? null : { row, column };
}

/** Rows of a list of any length. Only those that are seen are in the document. */
export function Grid({ pages, columns, nameOf, total }: GridProperties) {
  const scroller = useRef<HTMLDivElement>(null);
  const { time } = usePreferences();
  const [active, setActive] = useState<Cell>({ row: 0, column: 0 });
  const { virtualizer, base, bring, height, page, first, last } = useRows({ pages, scroller, held: active.row });
  const { focusSoon, forget } = useGridFocus(scroller, active, bring);

  const press = (event: KeyboardEvent) => {
    const extent = { rows: pages.known, columns: columns.length + 1, page };
    const next = moved(event.key, event.ctrlKey || event.metaKey, active, extent);
    if (next === null) return;
    event.preventDefault();
    focusSoon();
    setActive(next);
  };
  const focus = (event: FocusEvent) => {
    const cell = cellOf(event.target);
    if (cell !== null && (cell.row !== active.row || cell.column !== active.column)) setActive(cell);
  };
  // Tab enters at the cell where one was; where that is far away, at the first one in sight.
  const stop = active.row >= first && active.row <= last ? active : { row: first, column: 0 };
  const variables = {
    '--ev-grid-columns': [titleColumn, ...columns].map((column) => column.width).join(' '),
    '--ev-grid-time': timeWidths[time],
    '--ev-grid-row': `${height}px`,
  };
  return (
    <div
      ref={scroller}
      className="ev-grid"
      role="grid"
      aria-label="Artifacts"
      aria-rowcount={pages.ended ? pages.known + 1 : total === undefined ? -1 : total + 1}
      aria-colcount={columns.length + 1}
      aria-busy={pages.asOf === undefined}
      onKeyDown={press}
      onFocus={focus}
      onBlur={forget}
      // Without a row there is no cell that could take the focus.
      tabIndex={pages.known === 0 ? 0 : -1}
      style={variables as CSSProperties}
    >
      <div role="rowgroup" className="ev-grid-head-group">
        <Head columns={columns} />
      </div>
      <div role="rowgroup" className="ev-grid-body" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map((item) => (
          <Row
            key={base + item.index}
            row={pages.at(base + item.index)}
            index={base + item.index}
            top={item.start}
            columns={columns}
            nameOf={nameOf}
            active={stop.row === base + item.index ? stop.column : null}
          />
        ))}
      </div>
    </div>
  );
}
