import { Alert, Button, Content } from '@patternfly/react-core';
import { useState } from 'react';

import { api, take } from '../../api/client';
import { Copyable } from '../../common/Copyable';
import { ProblemCard } from '../../common/ProblemCard';
import { useAction } from '../../common/useAction';

const createFeed = (name: string) => take(api.POST('/v1/calendar-feeds', { body: { name } }));

/** A calendar that any program can subscribe to: every expiry with its alarms. */
export function Calendar() {
  const [url, setUrl] = useState<string | null>(null);
  const create = useAction({
    run: createFeed,
    done: () => 'The calendar is made',
    onDone: (feed) => setUrl(feed.url ?? null),
  });
  return (
    <section className="ev-part" aria-labelledby="calendar-title">
      <h2 id="calendar-title">Calendar of expiry dates</h2>
      <Content component="p">
        Reminders come 30, 14, 7, 3 and 1 days before a token expires, and on the day: as events, in the log, as a
        metric, and in a calendar that yours can subscribe to.
      </Content>
      {create.isError && <ProblemCard error={create.error} />}
      {url === null ? (
        <Button
          variant="secondary"
          isLoading={create.isPending}
          onClick={() => create.mutate(`Console ${new Date().toISOString().slice(0, 10)}`)}
        >
          Make a calendar link
        </Button>
      ) : (
        <Alert isInline component="h3" variant="success" title="Whoever has this link reads the dates. It is shown this once.">
          <Copyable text={url} name="the calendar link" />
        </Alert>
      )}
    </section>
  );
}
