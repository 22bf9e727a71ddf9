import { Alert, Label, List, ListItem } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';

import type { Schemas } from '../../api/client';
import { Copyable } from '../../common/Copyable';
import { plural, wordsOf } from '../../common/format';
import { checkWords, coverageWords } from '../../common/status';
import { StatusWord } from '../../common/StatusWord';

type Validation = Schemas['Validation'];

function Check({ check }: { check: Validation['checks'][number] }) {
  return (
    <ListItem data-check={check.id} data-code={check.code}>
      <StatusWord word={checkWords[check.status]} /> <strong>{wordsOf(check.id)}:</strong> {check.detail}
      {check.code !== null && (
        <>
          {' '}
          <code>{check.code}</code>
        </>
      )}
      {check.remedy !== null && check.status !== 'passed' && (
        <div className="ev-remedy">
          {check.remedy.split('\n').map((line) => (
            <div key={line}>{line}</div>
          ))}
        </div>
      )}
    </ListItem>
  );
}

function Causes({ causes }: { causes: Validation['causes'] }) {
  if (causes.length === 0) return null;
  return (
    <Alert isInline component="h3" variant="warning" title="What it may be, the likely first" className="ev-problem">
      <List>
        {causes.map((cause) => (
          <ListItem key={cause.text}>
            <strong>{cause.likelihood}:</strong> {cause.text}
          </ListItem>
        ))}
      </List>
    </Alert>
  );
}

function Scopes({ scopes }: { scopes: Validation['scopes'] }) {
  if (!scopes.known) return null;
  return (
    <>
      {scopes.excess.length > 0 && (
        <Alert
          component="h3"
          isInline
          variant="warning"
          className="ev-problem"
          title="The token may do more than is needed: the daemon only reads, whoever steals it would not have to"
        >
          {scopes.excess.join(', ')}
        </Alert>
      )}
      {scopes.missing.length > 0 && (
        <Alert isInline component="h3" variant="info" className="ev-problem" title="Scopes that would unlock more">
          {scopes.missing.map((scope) => (
            <div key={scope}>
              <Copyable text={scope} />
            </div>
          ))}
        </Alert>
      )}
      <div className="ev-labels">
        Granted:
        {scopes.granted.map((scope) => (
          <Label key={scope} isCompact variant="outline">
            {scope}
          </Label>
        ))}
      </div>
    </>
  );
}

function Foreseen({ coverage }: { coverage: Validation['coverage'] }) {
  const gaps = coverage.filter((kind) => kind.status !== 'available');
  if (coverage.length === 0) return null;
  return (
    <section className="ev-part" aria-labelledby="foreseen">
      <h3 id="foreseen">
        {gaps.length === 0
          ? `All ${plural(coverage.length, 'kind')} can be read`
          : `${plural(coverage.length - gaps.length, 'kind')} can be read, ${gaps.length} not`}
      </h3>
      {gaps.length > 0 && (
        <Table variant="compact" aria-label="Kinds that cannot be read">
          <Thead>
            <Tr>
              <Th>Kind</Th>
              <Th>Coverage</Th>
              <Th>What brings it</Th>
            </Tr>
          </Thead>
          <Tbody>
            {gaps.map((gap) => (
              <Tr key={gap.kind}>
                <Td dataLabel="Kind">{wordsOf(gap.kind)}</Td>
                <Td dataLabel="Coverage">
                  <StatusWord word={coverageWords[gap.status]} />
                </Td>
                <Td dataLabel="What brings it">
                  {gap.missing_scopes.length > 0 ? gap.missing_scopes.join(', ') : gap.reason}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
    </section>
  );
}

/** What Bitbucket said to a credential: check by check, scopes, and what will be readable. */
export function ValidationReport({ validation }: { validation: Validation }) {
  return (
    <div className="ev-part" data-valid={validation.valid}>
      <List isPlain aria-label="Checks">
        {validation.checks.map((check) => (
          <Check key={`${check.id}${check.code ?? ''}${check.detail}`} check={check} />
        ))}
      </List>
      <Causes causes={validation.causes} />
      <Scopes scopes={validation.scopes} />
      <Foreseen coverage={validation.coverage} />
    </div>
  );
}
