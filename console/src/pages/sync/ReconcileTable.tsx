import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';

import type { Schemas } from '../../api/client';
import { countText, plural, wordsOf } from '../../common/format';
import { ToneLabel } from '../../common/StatusWord';

type Report = Schemas['SyncReport'];
type Stream = Report['streams'][number];

/** What the rows say beside the size: equal, different, or nothing to compare with. */
function Verdict({ stream }: { stream: Stream }) {
  const { walks } = stream;
  if (walks === null) return <span className="ev-quiet">not walked in this sync</span>;
  if (walks.gaps > 0) return <ToneLabel tone="warning">{plural(walks.gaps, 'gap')}</ToneLabel>;
  if (walks.size === null) return <span className="ev-quiet">Bitbucket tells no size</span>;
  return walks.size === walks.rows ? (
    <ToneLabel tone="good">equal</ToneLabel>
  ) : (
    <ToneLabel tone="quiet">{countText(walks.rows - walks.size)}</ToneLabel>
  );
}

function Row({ stream }: { stream: Stream }) {
  const { walks } = stream;
  return (
    <Tr>
      <Th dataLabel="Stream">{wordsOf(stream.name)}</Th>
      <Td dataLabel="Asked">
        {stream.asked.targets.map((target) => (
          <code key={target} className="ev-wrap ev-target">
            {target}
          </code>
        ))}
      </Td>
      <Td dataLabel="Whole walks" className="ev-number">
        {walks === null ? '–' : countText(walks.whole)}
      </Td>
      <Td dataLabel="Pages" className="ev-number">
        {walks === null ? '–' : countText(walks.pages)}
      </Td>
      <Td dataLabel="Rows" className="ev-number">
        {walks === null ? '–' : countText(walks.rows)}
      </Td>
      <Td dataLabel="Their size" className="ev-number">
        {walks?.size == null ? '–' : countText(walks.size)}
      </Td>
      <Td dataLabel="Verdict">
        <Verdict stream={stream} />
      </Td>
    </Tr>
  );
}

/** Completeness, stream by stream: rows that were read against the size that was told. */
export function ReconcileTable({ report }: { report: Report }) {
  return (
    <div className="ev-scroll" tabIndex={0} role="region" aria-label="Table of walks">
      <Table variant="compact" aria-label="Rows against size">
        <Thead>
          <Tr>
            <Th>Stream</Th>
            <Th>Asked</Th>
            {['Whole walks', 'Pages', 'Rows', 'Their size'].map((name) => (
              <Th key={name} className="ev-number">
                {name}
              </Th>
            ))}
            <Th>Verdict</Th>
          </Tr>
        </Thead>
        <Tbody>
          {report.streams.map((stream) => (
            <Row key={stream.name} stream={stream} />
          ))}
        </Tbody>
      </Table>
    </div>
  );
}
