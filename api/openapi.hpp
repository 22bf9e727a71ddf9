#pragma once

#include "api/schema.hpp"

#include <string>

namespace evidenced::api {

/// The OpenAPI 3.1 document of the route table.
std::string write_openapi(const Schemas& schemas);

}  // namespace evidenced::api
