import { Alert, AlertActionLink, List, ListItem } from '@patternfly/react-core';

import { asApiError } from '../api/problem';
import { Copyable } from './Copyable';

const likelihoods = { likely: 'Likely', possible: 'Possible', unlikely: 'Unlikely' };

/** What went wrong, why, and what to do: the one card for every error. */
export function ProblemCard({ error, onRetry, title }: { error: unknown; onRetry?: () => void; title?: string }) {
  const { problem, retryAfterSeconds } = asApiError(error);
  const copied = `${problem.code}${problem.request_id === '' ? '' : ` ${problem.request_id}`}`;
  return (
    <Alert
      isInline
      variant={problem.status === 429 || problem.status === 503 ? 'warning' : 'danger'}
      title={title ?? problem.title}
      component="h2"
      className="ev-problem"
      data-code={problem.code}
      role="alert"
      actionLinks={onRetry && <AlertActionLink onClick={onRetry}>Try again</AlertActionLink>}
    >
      {title !== undefined && <p>{problem.title}</p>}
      {problem.detail !== '' && problem.detail !== problem.title && <p>{problem.detail}</p>}
      {problem.errors.length > 0 && (
        <List>
          {problem.errors.map((field) => (
            <ListItem key={`${field.pointer}${field.code}${field.detail}`}>
              <code>{field.pointer}</code> {field.detail}
            </ListItem>
          ))}
        </List>
      )}
      {problem.causes.length > 0 && (
        <>
          <h3>Causes, the likely ones first</h3>
          <List>
            {problem.causes.map((cause) => (
              <ListItem key={cause.text}>
                <strong>{likelihoods[cause.likelihood]}:</strong> {cause.text}
              </ListItem>
            ))}
          </List>
        </>
      )}
      {problem.remedy.length > 0 && (
        <>
          <h3>What to do</h3>
          <List>
            {problem.remedy.map((step) => (
              <ListItem key={step}>{step}</ListItem>
            ))}
          </List>
        </>
      )}
      {retryAfterSeconds !== null && <p>It may be tried again in {retryAfterSeconds} s.</p>}
      <p className="ev-quiet">
        <Copyable text={copied} />
      </p>
    </Alert>
  );
}
