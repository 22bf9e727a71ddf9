#pragma once

#include "server/cli/command_table.hpp"

namespace evidenced::cli {

// The functions behind the rows of the command table, in its order.

Outcome<int> serve(Context& context);
Outcome<int> init(Context& context);

Outcome<int> source_add(Context& context);
Outcome<int> source_list(Context& context);
Outcome<int> source_show(Context& context);
Outcome<int> source_coverage(Context& context);
Outcome<int> source_drift(Context& context);
Outcome<int> source_test(Context& context);
Outcome<int> source_pause(Context& context);
Outcome<int> source_resume(Context& context);
Outcome<int> source_rotate(Context& context);
Outcome<int> source_rm(Context& context);

Outcome<int> sync_start(Context& context);
Outcome<int> sync_list(Context& context);
Outcome<int> sync_show(Context& context);
Outcome<int> sync_watch(Context& context);
Outcome<int> sync_cancel(Context& context);

Outcome<int> artifact_list(Context& context);
Outcome<int> artifact_get(Context& context);
Outcome<int> artifact_export(Context& context);
Outcome<int> artifact_kinds(Context& context);

Outcome<int> report_access(Context& context);
Outcome<int> report_changes(Context& context);

Outcome<int> expirations(Context& context);
Outcome<int> calendar_create(Context& context);
Outcome<int> calendar_list(Context& context);
Outcome<int> calendar_revoke(Context& context);

Outcome<int> hook_create(Context& context);
Outcome<int> hook_list(Context& context);
Outcome<int> hook_show(Context& context);
Outcome<int> hook_rotate(Context& context);
Outcome<int> hook_rm(Context& context);

Outcome<int> key_create(Context& context);
Outcome<int> key_list(Context& context);
Outcome<int> key_revoke(Context& context);
Outcome<int> key_link(Context& context);

Outcome<int> config_check(Context& context);
Outcome<int> config_show(Context& context);
Outcome<int> config_sample(Context& context);
Outcome<int> config_manual(Context& context);

Outcome<int> doctor(Context& context);
Outcome<int> status(Context& context);
Outcome<int> healthcheck(Context& context);
Outcome<int> show_version(Context& context);

}  // namespace evidenced::cli
