import { PageSection, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import { useNavigate, useParams } from 'react-router';

import './about.css';

import { PageHead } from '../../common/PageHead';
import { usePage } from '../../shell/page';
import { Facts } from './Facts';
import { Licences } from './Licences';
import { Problems } from './Problems';

const tabs = {
  daemon: { title: 'Daemon', apiUrl: '/v1/status', command: 'evidenced status', content: <Facts /> },
  problems: { title: 'Problems', apiUrl: '/v1/problems', command: undefined, content: <Problems /> },
  licences: { title: 'Licences', apiUrl: undefined, command: undefined, content: <Licences /> },
};
type Name = keyof typeof tabs;
const isName = (text: string | undefined): text is Name => text !== undefined && text in tabs;

export default function About() {
  const { tab } = useParams();
  const navigate = useNavigate();
  const name = isName(tab) ? tab : 'daemon';
  const { title, apiUrl, command } = tabs[name];
  usePage({ title: name === 'daemon' ? 'About' : title, apiUrl, command });
  return (
    <>
      <PageHead title="About evidenced">
        It keeps a complete, provable copy of what Bitbucket Cloud says of your repositories.
      </PageHead>
      <PageSection hasBodyWrapper={false} aria-label="Facts">
        <Tabs
          mountOnEnter
          unmountOnExit
          activeKey={name}
          onSelect={(_event, chosen) => void navigate(chosen === 'daemon' ? '/about' : `/about/${chosen}`)}
          aria-label="About"
        >
          {Object.entries(tabs).map(([key, each]) => (
            <Tab key={key} eventKey={key} title={<TabTitleText>{each.title}</TabTitleText>}>
              <div className="ev-tab">{each.content}</div>
            </Tab>
          ))}
        </Tabs>
      </PageSection>
    </>
  );
}
