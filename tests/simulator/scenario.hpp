#pragma once

#include "tests/simulator/simulator.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace evidenced::simulator {

/// Scripts in JSON, for `bitbucket-sim` and its controls. All of these throw std::invalid_argument
/// with a sentence for what they do not understand.

/// {"approvals_move_updated_on": false, "retry_after": "date", "deactivated": ["acme-works"], …}:
/// members of Switches, and that one of World.
void apply_switches(Simulator& simulator, const boost::json::object& script);

/// {"kind": "status", "path": "/2.0/user", "first": 2, "count": 1, "status": 503, "text": "…",
/// "delay_ms": 100, "size": 1000000, "mutate": 3, "contains": "page=2"}; `mutate` is for the kind
/// "action".
Fault read_fault(Simulator& simulator, const boost::json::object& script);

/// {"email", "token", "kind": "api_token", "scopes": [], "role": "member", "roles": {slug: role},
/// "administrated_repositories": [uuid], "administrated_projects": [key], "profile": "read" or
/// "control", "hidden": [uuid], "forbidden": [uuid], "expires": RFC 3339, "dies_after": 3,
/// "person": 0}.
TokenOptions read_token(const boost::json::object& script);

/// {"switches": {…}, "faults": […], "tokens": […]}.
void apply_scenario(Simulator& simulator, const boost::json::object& script);

}  // namespace evidenced::simulator
