import {
  Button,
  Checkbox,
  Form,
  FormGroup,
  Modal,
  ModalBody,
  ModalFooter,
  ModalHeader,
  TextInput,
} from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';

import { idempotencyKey } from '../../api/client';
import { type CalendarFeed, calendarFeedsQuery, createCalendarFeed, revokeCalendarFeed } from '../../api/keys';
import { ConfirmModal } from '../../common/ConfirmModal';
import { Loaded } from '../../common/Loaded';
import { ProblemCard } from '../../common/ProblemCard';
import { Time } from '../../common/Time';
import { useAction } from '../../common/useAction';
import { Shown } from './Shown';

function CalendarForm({ onMade, onGone }: { onMade: (feed: CalendarFeed) => void; onGone: () => void }) {
  const [once] = useState(idempotencyKey);
  const [name, setName] = useState('');
  const [names, setNames] = useState(true);
  const making = useMutation({
    mutationFn: () => createCalendarFeed({ name: name.trim(), names }, `${once}-${name.trim()}-${names ? 1 : 0}`),
    onSuccess: onMade,
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (name.trim() !== '' && !making.isPending) making.mutate();
  };
  return (
    <Modal variant="small" isOpen onClose={onGone} aria-labelledby="calendar-title">
      <ModalHeader title="Create a calendar" labelId="calendar-title" />
      <ModalBody>
        {making.isError && <ProblemCard error={making.error} />}
        <Form id="calendar-form" onSubmit={submit}>
          <FormGroup label="Name" isRequired fieldId="calendar-name">
            <TextInput
              id="calendar-name"
              autoFocus
              isRequired
              maxLength={200}
              autoComplete="off"
              value={name}
              onChange={(_event, value) => setName(value)}
            />
          </FormGroup>
          <Checkbox
            id="calendar-names"
            label="With the names of sources"
            description="Without, it holds their ids: for a calendar that others host."
            isChecked={names}
            onChange={(_event, on) => setNames(on)}
          />
        </Form>
      </ModalBody>
      <ModalFooter>
        <Button type="submit" form="calendar-form" isLoading={making.isPending} isDisabled={name.trim() === ''}>
          Create the calendar
        </Button>
        <Button variant="link" onClick={onGone}>
          Cancel
        </Button>
      </ModalFooter>
    </Modal>
  );
}

function CalendarTable({ feeds, onRevoke }: { feeds: CalendarFeed[]; onRevoke: (feed: CalendarFeed) => void }) {
  if (feeds.length === 0) return <p>None yet.</p>;
  return (
    <div className="ev-scroll" tabIndex={0} role="region" aria-label="List of calendars">
      <Table variant="compact" aria-label="Calendars">
        <Thead>
          <Tr>
            <Th modifier="nowrap">Name</Th>
            <Th modifier="nowrap">Shows</Th>
            <Th modifier="nowrap">Created</Th>
            <Th modifier="nowrap">Last used</Th>
            <Th screenReaderText="Actions" />
          </Tr>
        </Thead>
        <Tbody>
          {feeds.map((feed) => (
            <Tr key={feed.id}>
              <Th dataLabel="Name" className="ev-wrap">
                <bdi>{feed.name}</bdi>
              </Th>
              <Td dataLabel="Shows">{feed.names ? 'names of sources' : 'ids of sources'}</Td>
              <Td dataLabel="Created">
                <Time at={feed.created_at} />
              </Td>
              <Td dataLabel="Last used">
                <Time at={feed.last_used_at} none="never" />
              </Td>
              <Td isActionCell>
                <Button
                  variant="link"
                  isDanger
                  isInline
                  size="sm"
                  aria-label={`Revoke ${feed.name}`}
                  onClick={() => onRevoke(feed)}
                >
                  Revoke
                </Button>
              </Td>
            </Tr>
          ))}
        </Tbody>
      </Table>
    </div>
  );
}

function Revoke({ feed, onGone }: { feed: CalendarFeed; onGone: () => void }) {
  const revoke = useAction({
    run: () => revokeCalendarFeed(feed.id),
    done: () => 'The calendar is revoked',
    onDone: onGone,
  });
  return (
    <ConfirmModal
      title="Revoke this calendar?"
      word={feed.name}
      action="Revoke the calendar"
      isPending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate(undefined)}
      onGone={onGone}
    >
      Its address stops to answer at once, for everybody who subscribed to it.
    </ConfirmModal>
  );
}

/** Calendars of expiry dates: list, create, revoke. */
export function Calendars() {
  const queries = useQueryClient();
  const query = useQuery(calendarFeedsQuery);
  const [asking, setAsking] = useState(false);
  const [made, setMade] = useState<CalendarFeed | null>(null);
  const [revoking, setRevoking] = useState<CalendarFeed | null>(null);
  const refresh = () => void queries.invalidateQueries({ queryKey: calendarFeedsQuery.queryKey });
  const onMade = (feed: CalendarFeed) => {
    setAsking(false);
    setMade(feed);
    refresh();
  };
  return (
    <>
      <p>A calendar holds the days on which tokens expire, for the calendar program of whoever has its address.</p>
      <div className="ev-actions ev-row">
        <Button onClick={() => setAsking(true)}>Create a calendar</Button>
      </div>
      <Loaded query={query}>
        {(data) => (
          <CalendarTable feeds={data.items.filter((feed) => feed.revoked_at === null)} onRevoke={setRevoking} />
        )}
      </Loaded>
      {asking && <CalendarForm onMade={onMade} onGone={() => setAsking(false)} />}
      {made !== null && (
        <Shown
          title={`The calendar “${made.name}” is made`}
          secret={made.url}
          what="the address"
          onGone={() => setMade(null)}
        >
          <p>Subscribe to it in a calendar program. Whoever has the address sees the calendar.</p>
        </Shown>
      )}
      {revoking !== null && (
        <Revoke feed={revoking} onGone={() => setRevoking(null)} />
      )}
    </>
  );
}
