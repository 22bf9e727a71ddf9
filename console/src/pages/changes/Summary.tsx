import { Card, CardBody, CardTitle, Gallery } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'react-router';

import type { Schemas } from '../../api/client';
import { type ChangeFilter, changeSummaryQuery } from '../../api/reports';
import { countText, plural } from '../../common/format';
import { Loaded } from '../../common/Loaded';
import { changed } from '../../common/urlFilters';
import { findings, findingWords } from './findings';

function Figure({ title, finding, count, hint }: { title: string; finding: string | null; count: number; hint: string }) {
  const { search } = useLocation();
  const to = `?${changed(new URLSearchParams(search), { finding, change: null }).toString()}`;
  return (
    <Card isCompact isFullHeight>
      <CardTitle component="h2">{title}</CardTitle>
      <CardBody>
        <Link to={to} className="ev-figure">
          {countText(count)}
        </Link>
        <div className="ev-quiet">{hint}</div>
      </CardBody>
    </Card>
  );
}

function Figures({ summary }: { summary: Schemas['ChangeSummary'] }) {
  if (summary.count === 0 && summary.exact) return null;
  return (
    <Gallery className="ev-figures" minWidths={{ default: '7.5rem' }}>
      <Figure
        title="Merged"
        finding={null}
        count={summary.count}
        hint={summary.exact ? 'all looked at' : `among the newest ${countText(summary.scanned)} that were looked at`}
      />
      {findings.map((finding) => (
        <Figure
          key={finding}
          title={findingWords[finding].text}
          finding={finding}
          count={summary.findings[finding]}
          hint={
            summary.not_evaluable[finding] === 0
              ? findingWords[finding].meaning
              : `cannot be told of ${plural(summary.not_evaluable[finding], 'other')}`
          }
        />
      ))}
    </Gallery>
  );
}

/** How many changes have each finding: each number is a filter. */
export function Summary({ filter }: { filter: ChangeFilter }) {
  return <Loaded query={useQuery(changeSummaryQuery(filter))}>{(summary) => <Figures summary={summary} />}</Loaded>;
}
