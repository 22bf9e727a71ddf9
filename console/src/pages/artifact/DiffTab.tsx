import { FormSelect, FormSelectOption, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useSearchParams } from 'react-router';

import { type Artifact, revisionQuery } from '../../api/artifacts';
import type { Schemas } from '../../api/client';
import { plural } from '../../common/format';
import { Loading } from '../../common/Loaded';
import { ProblemCard } from '../../common/ProblemCard';
import { Time } from '../../common/Time';
import { changed } from '../artifacts/filter';
import { compared, countsOf } from './comparison';
import { Comparison } from './Comparison';

type Revision = Schemas['Revision'];

// Of very many, the newest: the address can name the others.
const choices = 300;

function numberIn(text: string | null, latest: number, otherwise: number): number {
  const number = Number(text);
  return text !== null && Number.isInteger(number) && number >= 1 && number <= latest ? number : otherwise;
}

interface ChoiceProperties {
  label: string;
  chosen: number;
  latest: number;
  onChange: (number: string) => void;
}

function Choice({ label, chosen, latest, onChange }: ChoiceProperties) {
  const newest = Array.from({ length: Math.min(latest, choices) }, (_, index) => latest - index);
  const numbers = newest.includes(chosen) ? newest : [...newest, chosen];
  return (
    <FormSelect
      aria-label={label}
      value={String(chosen)}
      onChange={(_event, value) => onChange(value)}
      className="ev-diff-choice"
    >
      {numbers.map((number) => (
        <FormSelectOption key={number} value={String(number)} label={`Revision ${number}`} />
      ))}
    </FormSelect>
  );
}

const textOf = (revision: Revision) => JSON.stringify(revision.content, null, 2);

function Compared({ from, to, inline }: { from: Revision; to: Revision; inline: boolean }) {
  const pairs = useMemo(() => compared(textOf(from), textOf(to)), [from, to]);
  const { removed, added } = countsOf(pairs);
  return (
    <>
      <p>
        {removed + added === 0
          ? 'The contents are the same.'
          : `${plural(removed, 'line')} removed, ${plural(added, 'line')} added.`}{' '}
        <span className="ev-quiet">
          Observed <Time at={from.observed_at} /> and <Time at={to.observed_at} />.
        </span>
      </p>
      {removed + added > 0 && (
        <Comparison pairs={pairs} inline={inline} names={[`Revision ${from.revision}`, `Revision ${to.revision}`]} />
      )}
    </>
  );
}

const narrow = () => window.matchMedia('(max-width: 60rem)').matches;

function Both({ id, from, to, inline }: { id: string; from: number; to: number; inline: boolean }) {
  const [first, second] = useQueries({ queries: [revisionQuery(id, from), revisionQuery(id, to)] });
  const failed = [first, second].find((query) => query.isError);
  if (failed !== undefined) return <ProblemCard error={failed.error} onRetry={() => void failed.refetch()} />;
  if (first.data === undefined || second.data === undefined) return <Loading />;
  return <Compared from={first.data} to={second.data} inline={inline} />;
}

/** What two revisions have that the other has not. */
export function DiffTab({ artifact }: { artifact: Artifact }) {
  const [parameters, setParameters] = useSearchParams();
  const latest = artifact.revision ?? 1;
  const to = numberIn(parameters.get('to'), latest, latest);
  const from = numberIn(parameters.get('from'), latest, Math.max(1, to - 1));
  const view = parameters.get('view') ?? (narrow() ? 'inline' : 'beside');
  const change = (name: string) => (value: string) =>
    setParameters(changed(parameters, { [name]: value }), { replace: true });
  if (latest === 1) return <p>There is one revision only: it did not change since it was first observed.</p>;
  return (
    <>
      <div className="ev-actions">
        <Choice label="From" chosen={from} latest={latest} onChange={change('from')} />
        <span>→</span>
        <Choice label="To" chosen={to} latest={latest} onChange={change('to')} />
        <ToggleGroup aria-label="View" isCompact>
          <ToggleGroupItem
            text="Side by side"
            isSelected={view !== 'inline'}
            onChange={() => change('view')('beside')}
          />
          <ToggleGroupItem text="Inline" isSelected={view === 'inline'} onChange={() => change('view')('inline')} />
        </ToggleGroup>
      </div>
      <Both id={artifact.id} from={from} to={to} inline={view === 'inline'} />
    </>
  );
}
