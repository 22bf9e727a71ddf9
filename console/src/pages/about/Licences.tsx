import { Title } from '@patternfly/react-core';
import { Table, Tbody, Td, Th, Thead, Tr } from '@patternfly/react-table';
import { useQuery } from '@tanstack/react-query';

import { licencesQuery } from '../../api/about';
import { Loaded } from '../../common/Loaded';
import { libraries } from './libraries';

function Libraries() {
  return (
    <Table variant="compact" aria-labelledby="in-the-daemon">
      <Thead>
        <Tr>
          <Th modifier="nowrap">Name</Th>
          <Th modifier="nowrap">Licence</Th>
          <Th modifier="nowrap">Used for</Th>
        </Tr>
      </Thead>
      <Tbody>
        {libraries.map((library) => (
          <Tr key={library.name}>
            <Th dataLabel="Name">{library.name}</Th>
            <Td dataLabel="Licence">{library.licence}</Td>
            <Td dataLabel="Used for">{library.use}</Td>
          </Tr>
        ))}
      </Tbody>
    </Table>
  );
}

function Packages() {
  return (
    <Loaded query={useQuery(licencesQuery)}>
      {(packages) => (
        <Table variant="compact" aria-labelledby="in-the-console">
          <Thead>
            <Tr>
              <Th modifier="nowrap">Name</Th>
              <Th modifier="nowrap">Version</Th>
              <Th modifier="nowrap">Licence</Th>
            </Tr>
          </Thead>
          <Tbody>
            {packages.map(({ name, version, licence, text }) => (
              <Tr key={`${name} ${version}`}>
                <Th dataLabel="Name" className="ev-wrap">
                  {name}
                </Th>
                <Td dataLabel="Version">{version}</Td>
                <Td dataLabel="Licence">
                  {text === '' ? (
                    licence
                  ) : (
                    <details className="ev-licence">
                      <summary>{licence}</summary>
                      <pre>{text}</pre>
                    </details>
                  )}
                </Td>
              </Tr>
            ))}
          </Tbody>
        </Table>
      )}
    </Loaded>
  );
}

/** What evidenced is made of, and under which licences. */
export function Licences() {
  return (
    <>
      <Title headingLevel="h2" size="lg" id="in-the-console">
        In the console
      </Title>
      <Packages />
      <Title headingLevel="h2" size="lg" id="in-the-daemon" className="ev-part">
        In the daemon
      </Title>
      <Libraries />
    </>
  );
}
