#pragma once

#include "api/json_out.hpp"
#include "storage/nouns.hpp"

namespace evidenced::api {

void write_sync(JsonOut& json, const storage::Sync& sync);

}  // namespace evidenced::api
