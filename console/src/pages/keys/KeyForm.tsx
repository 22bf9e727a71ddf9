import {
  Button,
  Checkbox,
  Form,
  FormFieldGroup,
  FormFieldGroupHeader,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextInput,
} from '@patternfly/react-core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type SubmitEvent, useId, useState } from 'react';

import { idempotencyKey, type Schemas } from '../../api/client';
import { type ApiKey, createKey } from '../../api/keys';
import { sourcesQuery } from '../../api/queries';
import type { Role } from '../../api/session';
import { beginOfDay, dayText, endOfDay } from '../../common/days';
import { wordsOf } from '../../common/format';
import { MultiSelect } from '../../common/MultiSelect';
import { ProblemCard } from '../../common/ProblemCard';
import { lastDay, roleMeanings, roles } from './words';

interface Draft {
  name: string;
  roles: Role[];
  sources: string[];
  from: string;
  to: string;
  expires: string;
}

interface PartProperties {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
}

const wrongName = (draft: Draft) => (draft.name.trim() === '' ? 'A key needs a name.' : null);
const wrongRoles = (draft: Draft) => (draft.roles.length === 0 ? 'A key needs a role.' : null);

/** What the API is asked for. */
function inputOf(draft: Draft): Schemas['ApiKeyInput'] {
  const window = { from: beginOfDay(draft.from), to: endOfDay(draft.to) };
  return {
    name: draft.name.trim(),
    roles: draft.roles,
    expires_at: endOfDay(draft.expires),
    source_ids: draft.sources.length === 0 ? null : draft.sources,
    window: window.from === null && window.to === null ? null : window,
  };
}

function Wrong({ id, text }: { id: string; text: string | null }) {
  if (text === null) return null;
  return (
    <FormHelperText>
      <HelperText>
        <HelperTextItem id={id} variant="error">
          {text}
        </HelperTextItem>
      </HelperText>
    </FormHelperText>
  );
}

function Roles({ draft, change, wrong }: PartProperties & { wrong: string | null }) {
  const toggle = (role: Role, on: boolean) =>
    change({ roles: on ? [...draft.roles, role] : draft.roles.filter((each) => each !== role) });
  return (
    <FormGroup label="Roles" isRequired role="group" fieldId="key-roles">
      {roles.map((role) => (
        <Checkbox
          key={role}
          id={`key-role-${role}`}
          label={wordsOf(role)}
          description={roleMeanings[role]}
          isChecked={draft.roles.includes(role)}
          onChange={(_event, on) => toggle(role, on)}
          aria-describedby={wrong === null ? undefined : 'key-roles-wrong'}
        />
      ))}
      <Wrong id="key-roles-wrong" text={wrong} />
    </FormGroup>
  );
}

interface DayProperties {
  label: string;
  help: string;
  value: string;
  min?: string;
  max?: string;
  onChange: (value: string) => void;
}

function Day({ label, help, value, min, max, onChange }: DayProperties) {
  const id = useId();
  return (
    <FormGroup label={label} fieldId={id}>
      <TextInput
        id={id}
        type="date"
        value={value}
        min={min}
        max={max}
        aria-describedby={`${id}-help`}
        onChange={(_event, day) => onChange(day)}
      />
      <FormHelperText>
        <HelperText>
          <HelperTextItem id={`${id}-help`}>{help}</HelperTextItem>
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}

function Limits({ draft, change }: PartProperties) {
  const { data } = useQuery(sourcesQuery({}));
  const choices = (data?.items ?? []).map((source) => ({ value: source.id, name: source.name }));
  const toggle = (id: string) =>
    change({ sources: draft.sources.includes(id) ? draft.sources.filter((each) => each !== id) : [...draft.sources, id] });
  return (
    <FormFieldGroup
      header={
        <FormFieldGroupHeader
          titleText={{ text: 'Limits', id: 'key-limits' }}
          titleDescription="Without any the key sees all sources and all times."
        />
      }
    >
      <FormGroup label="Sources" role="group" fieldId="key-sources">
        <MultiSelect
          name={draft.sources.length === 0 ? 'All sources' : 'These sources'}
          choices={choices}
          chosen={draft.sources}
          onToggle={toggle}
        />
      </FormGroup>
      <Day
        label="Observed from"
        help="First day (UTC) that the key sees: only what came, changed or went since."
        value={draft.from}
        max={draft.to}
        onChange={(from) => change({ from })}
      />
      <Day
        label="Observed to"
        help="Last day (UTC) that the key sees: everything as it was at its end."
        value={draft.to}
        min={draft.from}
        onChange={(to) => change({ to })}
      />
    </FormFieldGroup>
  );
}

/** Asks for what a new key may do, and makes it. */
export function KeyForm({ onMade, onGone }: { onMade: (key: ApiKey) => void; onGone: () => void }) {
  const [now] = useState(() => new Date());
  const [once, renew] = useState(idempotencyKey);
  const [tried, setTried] = useState(false);
  const [draft, setDraft] = useState<Draft>(() => ({
    name: '',
    roles: ['auditor'],
    sources: [],
    from: '',
    to: '',
    expires: dayText(now, 90),
  }));
  const making = useMutation({ mutationFn: (body: Schemas['ApiKeyInput']) => createKey(body, once), onSuccess: onMade });
  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    // Another request is another deed.
    renew(idempotencyKey());
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrongName(draft) !== null) document.getElementById('key-name')?.focus();
    else if (wrongRoles(draft) !== null) document.getElementById(`key-role-${roles[0]}`)?.focus();
    else if (!making.isPending) making.mutate(inputOf(draft));
  };
  const nameWrong = tried ? wrongName(draft) : null;
  return (
    <Modal variant="medium" isOpen onClose={onGone} aria-labelledby="key-form-title">
      <ModalHeader title="Create an API key" labelId="key-form-title" />
      <ModalBody tabIndex={0} role="region" aria-labelledby="key-form-title">
        {making.isError && <ProblemCard error={making.error} />}
        <Form id="key-form" onSubmit={submit} noValidate>
          <FormGroup label="Name" isRequired fieldId="key-name">
            <TextInput
              id="key-name"
              autoFocus
              isRequired
              maxLength={200}
              autoComplete="off"
              value={draft.name}
              validated={nameWrong === null ? 'default' : 'error'}
              aria-describedby={nameWrong === null ? undefined : 'key-name-wrong'}
              onChange={(_event, name) => change({ name })}
            />
            <Wrong id="key-name-wrong" text={nameWrong} />
          </FormGroup>
          <Roles draft={draft} change={change} wrong={tried ? wrongRoles(draft) : null} />
          <Day
            label="Expires"
            help="At the end of this day (UTC), at most a year ahead. Empty: never."
            value={draft.expires}
            min={dayText(now)}
            max={lastDay(now)}
            onChange={(expires) => change({ expires })}
          />
          <Limits draft={draft} change={change} />
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form="key-form" isLoading={making.isPending}>
          Create the key
        </Button>
        <Button variant="link" onClick={onGone}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}
