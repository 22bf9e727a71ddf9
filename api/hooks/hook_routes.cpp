#include "api/hooks/handlers.hpp"
#include "api/limits.hpp"

namespace evidenced::api {
namespace {

constexpr Parameter hook_list_parameters[] = {limit_parameter, cursor_parameter};
constexpr int unsigned_or_too_large[] = {401, 409, 413};
constexpr std::string_view hook_tag = "hooks";

const Route hook_route_table[] = {
    {.method = Method::get,
     .pattern = "/v1/inbound-hooks",
     .operation = "list_inbound_hooks",
     .tag = hook_tag,
     .summary = "List inbound hooks, without their secrets",
     .roles = writers,
     .handler = list_inbound_hooks,
     .answer = "InboundHookList",
     .shape = Shape::list,
     .parameters = hook_list_parameters},
    {.method = Method::post,
     .pattern = "/v1/inbound-hooks",
     .operation = "create_inbound_hook",
     .tag = hook_tag,
     .summary = "Create a hook for webhooks of Bitbucket about a source",
     .description = "Paste `url` and `secret` into a webhook of the workspace or repository. The "
                    "secret is in this answer and in no other.",
     .roles = writers,
     .handler = create_inbound_hook,
     .status = 201,
     .answer = "InboundHook",
     .body = "InboundHookInput",
     .body_required = true},
    {.method = Method::get,
     .pattern = "/v1/inbound-hooks/{id}",
     .operation = "get_inbound_hook",
     .tag = hook_tag,
     .summary = "Read an inbound hook: what came, and when",
     .roles = writers,
     .handler = get_inbound_hook,
     .answer = "InboundHook",
     .shape = Shape::resource},
    {.method = Method::delete_,
     .pattern = "/v1/inbound-hooks/{id}",
     .operation = "delete_inbound_hook",
     .tag = hook_tag,
     .summary = "Revoke an inbound hook at once",
     .description = "What comes to its URL is answered 404 from then on.",
     .roles = writers,
     .handler = delete_inbound_hook,
     .status = 204},
    {.method = Method::post,
     .pattern = "/v1/inbound-hooks/{id}/secret",
     .operation = "renew_hook_secret",
     .tag = hook_tag,
     .summary = "Replace the secret of an inbound hook",
     .description = "The new secret is in this answer and in no other. The one before is good for "
                    "24 hours more: paste the new one into Bitbucket until then.",
     .roles = writers,
     .handler = renew_hook_secret,
     .answer = "InboundHook"},
    {.method = Method::post,
     .pattern = "/v1/hooks/bitbucket/{id}",
     .operation = "receive_delivery",
     .tag = hook_tag,
     .summary = "Receive a webhook of Bitbucket Cloud",
     .description =
         "Needs `X-Hub-Signature` over the body, at most 256 KiB. A delivery is a hint: what it is "
         "about is fetched from Bitbucket within seconds, gathered with others; nothing of the "
         "body is stored. Of it the event (`X-Event-Key`) and the repository's uuid are looked at. "
         "A signed delivery is answered 202, also where it came before (`X-Request-UUID`), is no "
         "JSON, or tells of nothing that the source collects.",
     .roles = open_to_all,
     .handler = receive_delivery,
     .status = 202,
     .body = "HookDelivery",
     .body_required = true,
     .problems = unsigned_or_too_large,
     .raw_body = limits::hook_body,
     .own_quota = true},
};

}  // namespace

std::span<const Route> hook_routes() {
  return hook_route_table;
}

}  // namespace evidenced::api
