import { Checkbox, Content, Form, FormGroup, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';

import { intervalText } from '../../common/format';
import { intervals } from '../../common/intervals';
import { ProblemCard } from '../../common/ProblemCard';
import { SameElsewhere } from './SameElsewhere';
import type { StepProperties } from './StepProperties';

export function ScheduleStep({ draft, onChange, error }: StepProperties & { error: unknown }) {
  return (
    <>
      <Content component="h2">Schedule and reminders</Content>
      {error !== null && <ProblemCard error={error} title="Nothing was stored" />}
      <Form isWidthLimited onSubmit={(event) => event.preventDefault()}>
        <FormGroup label="Sync" fieldId="interval">
          <FormSelect id="interval" value={draft.interval} onChange={(_event, interval) => onChange({ interval })}>
            {intervals.map((value) => (
              <FormSelectOption key={value} value={value} label={intervalText(value)} />
            ))}
          </FormSelect>
        </FormGroup>
        <FormGroup label="Tags (separated by commas)" fieldId="tags">
          <TextInput
            id="tags"
            defaultValue={draft.tags.join(', ')}
            onChange={(_event, text) =>
              onChange({
                tags: text
                  .split(',')
                  .map((tag) => tag.trim())
                  .filter((tag) => tag !== ''),
              })
            }
          />
        </FormGroup>
        <Checkbox
          id="start"
          label="Start the first sync at once"
          isChecked={draft.startSync}
          onChange={(_event, startSync) => onChange({ startSync })}
        />
      </Form>
      <Content component="p" className="ev-part">
        You are reminded 30, 14, 7, 3 and 1 days before the token expires, and on the day: here, in the log, as a metric
        and an event, and in a calendar: its link is made on the page of the source, under Credential.
      </Content>
      <SameElsewhere draft={draft} />
    </>
  );
}
