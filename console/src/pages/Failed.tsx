import { useRouteError } from 'react-router';

import { ProblemCard } from '../common/ProblemCard';

/** What is left of a page that threw. */
export function Failed() {
  const error = useRouteError();
  return (
    <main className="ev-alone">
      <ProblemCard error={error} onRetry={() => window.location.reload()} />
    </main>
  );
}
