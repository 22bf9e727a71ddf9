import { ActionGroup, Button, Form, FormGroup, FormSelect, FormSelectOption, TextInput } from '@patternfly/react-core';
import { type SubmitEvent, useState } from 'react';
import { useNavigate } from 'react-router';

import { changeSource, deleteSource } from '../../api/actions';
import type { Source } from '../../api/queries';
import { useMay } from '../../api/session';
import { ConfirmModal } from '../../common/ConfirmModal';
import { intervalText } from '../../common/format';
import { intervals } from '../../common/intervals';
import { ProblemCard } from '../../common/ProblemCard';
import { useAction } from '../../common/useAction';

const list = (text: string) =>
  text
    .split(/[\s,]+/)
    .map((each) => each.trim())
    .filter((each) => each !== '');

function Removal({ source }: { source: Source }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const remove = useAction({
    run: () => deleteSource(source.id),
    done: () => `${source.name} is deleted`,
    onDone: () => void navigate('/sources'),
  });
  return (
    <section className="ev-part" aria-labelledby="removal-title">
      <h2 id="removal-title">Delete this source</h2>
      <p>Its token is wiped at once and nothing is asked of Bitbucket any more. What was collected stays readable.</p>
      <Button variant="danger" onClick={() => setAsking(true)}>
        Delete…
      </Button>
      {asking && (
        <ConfirmModal
          title={`Delete ${source.name}`}
          word={source.name}
          action="Delete the source"
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(undefined)}
          onGone={() => setAsking(false)}
        >
          The token is wiped at once and cannot be brought back. The evidence is kept.
        </ConfirmModal>
      )}
    </section>
  );
}

/** Name, workspaces, schedule and tags of a source. */
export function SettingsTab({ source }: { source: Source }) {
  const may = useMay('admin', 'operator') && source.state !== 'deleted';
  const [name, setName] = useState(source.name);
  const [workspaces, setWorkspaces] = useState(source.workspaces === 'all' ? '' : [source.workspaces].flat().join(', '));
  const [interval, setInterval] = useState(source.schedule.interval);
  const [tags, setTags] = useState(source.tags.join(', '));
  const save = useAction({
    run: () =>
      changeSource(source.id, {
        name,
        workspaces: list(workspaces).length === 0 ? 'all' : list(workspaces),
        schedule: { interval },
        tags: list(tags),
      }),
    done: () => 'Saved',
  });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  const choices = intervals.includes(source.schedule.interval) ? intervals : [source.schedule.interval, ...intervals];
  return (
    <>
      <Form onSubmit={submit} isWidthLimited>
        {save.isError && <ProblemCard error={save.error} />}
        <FormGroup label="Name" fieldId="name" isRequired>
          <TextInput
            id="name"
            value={name}
            dir="auto"
            isRequired
            isDisabled={!may}
            maxLength={200}
            onChange={(_event, value) => setName(value)}
          />
        </FormGroup>
        <FormGroup label="Workspaces (slugs; none: all that the account sees)" fieldId="workspaces">
          <TextInput
            id="workspaces"
            value={workspaces}
            isDisabled={!may}
            onChange={(_event, value) => setWorkspaces(value)}
          />
        </FormGroup>
        <FormGroup label="Sync" fieldId="interval">
          <FormSelect
            id="interval"
            value={interval}
            isDisabled={!may}
            onChange={(_event, value) => setInterval(value)}
          >
            {choices.map((value) => (
              <FormSelectOption key={value} value={value} label={intervalText(value)} />
            ))}
          </FormSelect>
        </FormGroup>
        <FormGroup label="Tags" fieldId="tags">
          <TextInput id="tags" value={tags} isDisabled={!may} onChange={(_event, value) => setTags(value)} />
        </FormGroup>
        {may && (
          <ActionGroup>
            <Button type="submit" isLoading={save.isPending} isDisabled={save.isPending || name.trim() === ''}>
              Save
            </Button>
          </ActionGroup>
        )}
      </Form>
      {may && <Removal source={source} />}
    </>
  );
}
