import { PageSection, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { useNavigate, useParams } from 'react-router';

import './keys.css';

import { useMay } from '../../api/session';
import { PageHead } from '../../common/PageHead';
import { usePage } from '../../shell/page';
import { Calendars } from './Calendars';
import { KeyList } from './KeyList';

const tabs = {
  list: { title: 'API keys', apiUrl: '/v1/api-keys', command: 'evidenced key list', content: <KeyList /> },
  calendars: {
    title: 'Calendars',
    apiUrl: '/v1/calendar-feeds',
    command: 'evidenced calendar list',
    content: <Calendars />,
  },
};
type Name = keyof typeof tabs;

export default function Keys() {
  const { tab } = useParams();
  const navigate = useNavigate();
  const may = useMay('admin');
  const name: Name = tab === 'calendars' ? 'calendars' : 'list';
  const { title, apiUrl, command } = tabs[name];
  usePage({ title, apiUrl, command });
  return (
    <>
      <PageHead title="API keys">Who may ask this daemon, and for what. A key is shown once, when it is made.</PageHead>
      <PageSection hasBodyWrapper={false} aria-label="Keys and calendars">
        <Tabs
          mountOnEnter
          unmountOnExit
          activeKey={name}
          onSelect={(_event, chosen) => void navigate(chosen === 'list' ? '/keys' : `/keys/${chosen}`)}
          aria-label="Keys and calendars"
        >
          {Object.entries(tabs).map(([key, each]) => (
            <Tab key={key} eventKey={key} title={<TabTitleText>{each.title}</TabTitleText>}>
              <div className="ev-tab">
                {key === 'list' && !may ? <p>Keys are shown to administrators.</p> : each.content}
              </div>
            </Tab>
          ))}
        </Tabs>
      </PageSection>
    </>
  );
}
