import type { VirtualItem } from '@tanstack/react-virtual';
import { memo, useState } from 'react';

import type { AccessRepository, AccessRow } from '../../api/reports';
import { letterAt, letterWords, type Matrix as Data, personName } from './matrix';
import type { Cell } from './movement';
import { type Fixed, fixedColumns, size, useGrid } from './useGrid';

const totals = [
  { name: 'Admin', key: 'admin' },
  { name: 'Write', key: 'write' },
  { name: 'Read', key: 'read' },
] as const;

interface Frame {
  columns: VirtualItem[];
  fixed: Fixed;
  /** The column that has the tab stop, if it is in this row. */
  active: number | null;
}

/** What every cell has: its place, and the one tab stop of the grid. */
const place = (row: number, column: number, active: number | null) => ({
  'data-cell': `${row} ${column}`,
  'aria-colindex': column + 1,
  tabIndex: active === column ? 0 : -1,
});

const across = (item: VirtualItem) => ({ transform: `translateX(${item.start}px)` });

function Head({ repositories, ...frame }: Frame & { repositories: AccessRepository[] }) {
  const first = 1 + frame.fixed.totals;
  return (
    <div role="row" aria-rowindex={1} className="ev-matrix-head">
      <div className="ev-matrix-fixed">
        <div role="columnheader" className="ev-matrix-person" style={{ width: frame.fixed.person }} {...place(0, 0, frame.active)}>
          Person
        </div>
        {totals.slice(0, frame.fixed.totals).map((total, at) => (
          <div
            key={total.key}
            role="columnheader"
            className="ev-matrix-repository"
            aria-label={`Repositories with ${total.key}`}
            {...place(0, 1 + at, frame.active)}
          >
            <span>{total.name} in</span>
          </div>
        ))}
      </div>
      <div className="ev-matrix-cells">
        {frame.columns.map((item) => {
          const repository = repositories[item.index];
          return (
            repository && (
              <div
                key={item.index}
                role="columnheader"
                className="ev-matrix-repository"
                style={across(item)}
                title={repository.repository}
                aria-label={repository.repository}
                {...place(0, first + item.index, frame.active)}
              >
                <span>
                  <bdi>{repository.name}</bdi>
                </span>
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

interface RowProperties extends Frame {
  person: AccessRow;
  repositories: AccessRepository[];
  row: number;
  start: number;
}

const Row = memo(function Row({ person, repositories, row, start, ...frame }: RowProperties) {
  const name = personName(person);
  const first = 1 + frame.fixed.totals;
  return (
    <div role="row" aria-rowindex={row + 1} className="ev-matrix-row" style={{ transform: `translateY(${start}px)` }}>
      <div className="ev-matrix-fixed">
        <div
          role="rowheader"
          dir="auto"
          className="ev-matrix-person"
          style={{ width: frame.fixed.person }}
          title={person.member ? name : `${name}: not a member of a workspace that is shown`}
          {...place(row, 0, frame.active)}
        >
          <bdi>{name}</bdi>
          {!person.member && <span className="ev-quiet"> (no member)</span>}
        </div>
        {totals.slice(0, frame.fixed.totals).map((total, at) => (
          <div key={total.key} role="gridcell" className="ev-matrix-total" {...place(row, 1 + at, frame.active)}>
            {person[total.key]}
          </div>
        ))}
      </div>
      <div className="ev-matrix-cells">
        {frame.columns.map((item) => {
          const letter = letterAt(person, item.index);
          const { sign, text } = letterWords[letter];
          return (
            <div
              key={item.index}
              role="gridcell"
              className="ev-matrix-cell"
              data-letter={letter}
              style={across(item)}
              aria-label={`${text}: ${name}, ${repositories[item.index]?.repository ?? ''}`}
              {...place(row, first + item.index, frame.active)}
            >
              {sign}
            </div>
          );
        })}
      </div>
    </div>
  );
});

interface MatrixProperties {
  data: Data;
  /** There are more people than those. */
  more: boolean;
  onPerson: (person: AccessRow) => void;
  onRepository: (repository: AccessRepository) => void;
  onGrant: (person: AccessRow, repository: AccessRepository) => void;
}

/** People times repositories: as many cells as are in sight, however many there are. */
export function Matrix({ data, more, onPerson, onRepository, onGrant }: MatrixProperties) {
  const { people, repositories } = data;
  const [fixed] = useState(fixedColumns);
  const enter = ({ row, column }: Cell) => {
    const person = people[row - 1];
    const repository = repositories[column - 1 - fixed.totals];
    if (person && repository) onGrant(person, repository);
    else if (person) onPerson(person);
    else if (repository) onRepository(repository);
  };
  const { setBox, rows, columns, active, left, firstRepository, onKeyDown, onClick } = useGrid({
    people: people.length,
    repositories: repositories.length,
    fixed,
    onEnter: enter,
  });
  const frame = { columns: columns.getVirtualItems(), fixed };
  const activeIn = (row: number) => (active.row === row ? active.column : null);
  return (
    <div className="ev-matrix" ref={setBox}>
      <div
        role="grid"
        aria-label="People and their access to repositories"
        aria-readonly
        aria-rowcount={more ? -1 : people.length + 1}
        aria-colcount={firstRepository + repositories.length}
        className="ev-matrix-grid"
        style={{ width: left + columns.getTotalSize(), height: size.head + rows.getTotalSize() }}
        onKeyDown={onKeyDown}
        onClick={onClick}
      >
        <Head repositories={repositories} active={activeIn(0)} {...frame} />
        {rows.getVirtualItems().map((item) => {
          const person = people[item.index];
          return (
            person && (
              <Row
                key={person.id}
                person={person}
                repositories={repositories}
                row={item.index + 1}
                start={item.start}
                active={activeIn(item.index + 1)}
                {...frame}
              />
            )
          );
        })}
      </div>
    </div>
  );
}
