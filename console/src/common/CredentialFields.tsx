import { FormGroup, FormHelperText, HelperText, HelperTextItem, TextInput } from '@patternfly/react-core';
import { useState } from 'react';

import { useNow } from './clock';
import { emailShape, expiryShape, type Shape, tokenShape } from './shapeChecks';

export interface CredentialTyped {
  email: string;
  token: string;
  /** "2027-01-31"; "" when it is not known. */
  expires: string;
}

export const nothingTyped: CredentialTyped = { email: '', token: '', expires: '' };

/** Whether it may be tried: nothing that is sure to be refused. */
export const mayBeTried = (typed: CredentialTyped, now: Date) =>
  typed.email !== '' &&
  typed.token !== '' &&
  [emailShape(typed.email), tokenShape(typed.token), expiryShape(typed.expires, now)].every(
    (shape) => shape?.tone !== 'error',
  );

interface FieldProperties {
  id: string;
  label: string;
  type: 'email' | 'password' | 'date';
  value: string;
  shape: Shape | null;
  help: string;
  isRequired?: boolean;
  onChange: (value: string) => void;
}

function Field({ id, label, type, value, shape, help, isRequired = false, onChange }: FieldProperties) {
  const [left, setLeft] = useState(false);
  const shown = left || type === 'date' ? shape : null;
  return (
    <FormGroup label={label} fieldId={id} isRequired={isRequired}>
      <TextInput
        id={id}
        type={type}
        value={value}
        isRequired={isRequired}
        autoComplete="off"
        spellCheck="false"
        validated={shown?.tone ?? 'default'}
        aria-invalid={shown?.tone === 'error'}
        aria-describedby={`${id}-help`}
        onChange={(_event, text) => onChange(type === 'date' ? text : text.trim())}
        onBlur={() => setLeft(true)}
      />
      <FormHelperText>
        <HelperText id={`${id}-help`}>
          <HelperTextItem variant={shown?.tone ?? 'default'} data-code={shown?.code}>{shown?.text ?? help}</HelperTextItem>
        </HelperText>
      </FormHelperText>
    </FormGroup>
  );
}

interface CredentialFieldsProperties {
  typed: CredentialTyped;
  onChange: (typed: CredentialTyped) => void;
}

/** E-mail, token and its day: checked for their shape when they are left, and again by the daemon. */
export function CredentialFields({ typed, onChange }: CredentialFieldsProperties) {
  const now = useNow();
  return (
    <>
      <Field
        id="email"
        label="E-mail of the Atlassian account"
        type="email"
        value={typed.email}
        shape={emailShape(typed.email)}
        help="The e-mail, not the user name of Bitbucket."
        isRequired
        onChange={(email) => onChange({ ...typed, email })}
      />
      <Field
        id="token"
        label="API token"
        type="password"
        value={typed.token}
        shape={tokenShape(typed.token)}
        help="It is sealed at once and shown nowhere again."
        isRequired
        onChange={(token) => onChange({ ...typed, token })}
      />
      <Field
        id="expires"
        label="Expires on"
        type="date"
        value={typed.expires}
        shape={expiryShape(typed.expires, now)}
        help="As Atlassian showed it when the token was created: Bitbucket tells it to nobody."
        onChange={(expires) => onChange({ ...typed, expires })}
      />
    </>
  );
}
