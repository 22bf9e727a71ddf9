#pragma once

#include "api/api.hpp"
#include "api/authenticator.hpp"
#include "api/buckets.hpp"
#include "api/console/session_door.hpp"
#include "api/hooks/door.hpp"
#include "api/limits.hpp"
#include "api/list_cache.hpp"
#include "api/metrics.hpp"
#include "api/places.hpp"
#include "api/schema.hpp"

#include <map>
#include <set>
#include <string>

namespace evidenced::api {

/// What all requests share. Lives on the io thread, as long as the Api.
struct Core {
  explicit Core(Services all);

  Services services;
  Schemas schemas;
  Authenticator authenticator;
  SessionDoor sessions;
  HookDoor hooks;
  Buckets key_quota;
  Buckets anonymous_quota;
  Metrics metrics;
  ListCache list_cache;
  std::string openapi;                          ///< generated once
  std::set<std::string> requests_in_flight;     ///< with an Idempotency-Key
  Places exports{limits::exports_at_once};      ///< running, by key id
  Places event_streams{limits::event_streams};  ///< open, by key id
  Places waits{limits::waits};                  ///< requests that wait, by key id
  Timestamp started_at;
  SteadyTime started;
  bool draining = false;
};

/// The feed positions, times and tenants behind one answer are read at one moment; times of one
/// request are the same everywhere.
inline constexpr std::string_view json_media = "application/json; charset=utf-8";

}  // namespace evidenced::api
