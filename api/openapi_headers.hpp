#pragma once

#include "api/route.hpp"

#include <string_view>
#include <vector>

namespace evidenced::api {

/// A field of answers, for the document.
struct AnswerHeader {
  std::string_view name;
  std::string_view description;
  bool (*sent)(const Route& route, int status);  ///< whether answers of this status may have it
};

/// The fields that an answer of this status may have, in the order of the document.
std::vector<const AnswerHeader*> answer_headers(const Route& route, int status);

}  // namespace evidenced::api
