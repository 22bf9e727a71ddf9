#pragma once

#include "api/json_out.hpp"
#include "storage/key_store.hpp"

namespace evidenced::api {

/// The members that a key and its principal have in common, into the object that is open.
void write_rights(JsonOut& json, const storage::ApiKey& key);

/// Who a key is: an object of the schema Principal.
void write_principal(JsonOut& json, const storage::AuthenticatedKey& who);

}  // namespace evidenced::api
