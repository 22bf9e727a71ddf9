#include "api/json_out.hpp"
#include "server/cli/commands.hpp"
#include "server/cli/output.hpp"
#include "server/cli/sync_watch.hpp"

namespace evidenced::cli {

Outcome<int> sync_start(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  std::string body;
  api::JsonOut json(body);
  json.begin_object();
  const std::string mode = context.given.text("--mode");
  if (!mode.empty()) json.member("mode", mode);
  const std::vector<std::string> streams = context.given.all("--stream");
  if (!streams.empty()) json.member("streams", streams);
  json.end_object();
  const std::string path = path_of("sources", context.given.text("SOURCE"), "syncs");
  const Outcome<Answer> answer = api->send("POST", path, {}, std::move(body));
  if (!answer) return failed(answer);
  if (!context.given.has("--wait")) return show_sync(context, *answer);
  return follow_sync(context, *api, shown(at_path(answer->json, "id")));
}

Outcome<int> sync_list(Context& context) {
  return show_list(context,
                   {.path = "/v1/syncs",
                    .query = query_of(context, {{"--source", "source"}, {"--state", "state"}}),
                    .columns = {{"ID", "id"},
                                {"SOURCE", "source_id"},
                                {"MODE", "mode"},
                                {"TRIGGER", "trigger"},
                                {"STATE", "state"},
                                {"RESULT", "result"},
                                {"REQUESTS", "progress.requests_done"},
                                {"QUEUED", "queued_at"},
                                {"FINISHED", "finished_at"}},
                    .nothing = "no syncs"});
}

Outcome<int> sync_show(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const Outcome<Answer> answer = api->get(path_of("syncs", context.given.text("SYNC")));
  if (!answer) return failed(answer);
  return show_sync(context, *answer);
}

Outcome<int> sync_watch(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  return follow_sync(context, *api, context.given.text("SYNC"));
}

Outcome<int> sync_cancel(Context& context) {
  const Outcome<ApiClient> api = ApiClient::open(context);
  if (!api) return failed(api);
  const std::string path = path_of("syncs", context.given.text("SYNC"), "cancel");
  const Outcome<Answer> answer = api->send("POST", path);
  if (!answer) return failed(answer);
  return show_sync(context, *answer);
}

}  // namespace evidenced::cli
