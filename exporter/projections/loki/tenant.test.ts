import { expect, test } from 'vitest';
import { isTenant } from './push/push-client.js';
import { tenantOfWorkspace } from './tenant.js';

test.each(['default', 'team-a', "it's.(ours)"])('%s is a tenant by its own name', (workspace) => {
  expect(tenantOfWorkspace(workspace)).toBe(workspace);
});

test.each(['a/b', 'a|b', '..', '团队', 'x'.repeat(151), ''])(
  '%j is encoded, and a name that Loki takes',
  (workspace) => {
    expect(tenantOfWorkspace(workspace)).toMatch(/^ws-[0-9a-f]{32}$/);
    expect(isTenant(tenantOfWorkspace(workspace))).toBe(true);
  },
);

test('nobody gets into the tenant of another by a name that looks encoded', () => {
  const encoded = tenantOfWorkspace('a/b');
  expect(tenantOfWorkspace(encoded)).not.toBe(encoded);
});
