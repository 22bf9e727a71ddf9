import { Breadcrumb, BreadcrumbItem, Flex, FlexItem, PageSection, Title } from '@patternfly/react-core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';

interface PageHeadProperties {
  title: ReactNode;
  /** The pages above this one: name and path. */
  above?: [name: string, path: string][];
  /** A word beside the title: a status. */
  mark?: ReactNode;
  /** A sentence below the title. */
  children?: ReactNode;
  actions?: ReactNode;
}

/** The head of a page: its one h1, where it hangs, and what can be done here. */
export function PageHead({ title, above = [], mark, children, actions }: PageHeadProperties) {
  return (
    <PageSection hasBodyWrapper={false} className="ev-head" aria-labelledby="page-title">
      {above.length > 0 && (
        <Breadcrumb>
          {above.map(([name, path]) => (
            <BreadcrumbItem
              key={path}
              render={({ className }) => (
                <Link to={path} className={`${className} ev-cut`}>
                  <bdi>{name}</bdi>
                </Link>
              )}
            />
          ))}
          <BreadcrumbItem isActive>
            <bdi className="ev-cut">{title}</bdi>
          </BreadcrumbItem>
        </Breadcrumb>
      )}
      <Flex justifyContent={{ default: 'justifyContentSpaceBetween' }} alignItems={{ default: 'alignItemsCenter' }}>
        <FlexItem className="ev-head-title">
          <Title headingLevel="h1" id="page-title" className="ev-wrap">
            <bdi>{title}</bdi>
          </Title>
          {mark}
        </FlexItem>
        {actions !== undefined && <FlexItem className="ev-actions">{actions}</FlexItem>}
      </Flex>
      {children !== undefined && <div className="ev-quiet">{children}</div>}
    </PageSection>
  );
}
