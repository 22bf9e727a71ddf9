import { Tooltip } from '@patternfly/react-core';

import { useNow } from './clock';
import { localText, relativeText, timeText, utcText } from './format';
import { usePreferences } from './preferences';

/** A moment as the reader wants times shown, with all three ways of saying it on hover and focus. */
export function Time({ at, none = '–' }: { at: string | null | undefined; none?: string }) {
  const { time } = usePreferences();
  const now = useNow();
  if (at === null || at === undefined) return <span className="ev-quiet">{none}</span>;
  const moment = new Date(at);
  return (
    <Tooltip
      content={
        <>
          <div>{utcText(moment)}</div>
          <div>{localText(moment)}</div>
          <div>{relativeText(moment, now)}</div>
        </>
      }
    >
      <time dateTime={at} tabIndex={0} className="ev-time">
        {timeText(moment, time, now)}
      </time>
    </Tooltip>
  );
}

/** A moment in a list of very many: the exact time is its title, without a tab stop of its own. */
export function PlainTime({ at }: { at: string | null | undefined }) {
  const { time } = usePreferences();
  const now = useNow();
  if (at === null || at === undefined) return <span className="ev-quiet">–</span>;
  const moment = new Date(at);
  return (
    <time dateTime={at} title={utcText(moment)}>
      {timeText(moment, time, now)}
    </time>
  );
}
