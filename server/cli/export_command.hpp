#pragma once

#include "server/cli/output.hpp"

#include <string>
#include <string_view>

namespace evidenced::cli {

/// A stream of the API, and what is said of it.
struct ExportView {
  std::string path;  ///< "/v1/artifacts"
  Query query;       ///< filters
  OutputFormat format = OutputFormat::jsonl;
  std::string_view what;  ///< its rows: "artifacts"
  std::string_view list;  ///< the command that tells the reasons of gaps
};

/// Whether the API streams this format.
bool is_export(OutputFormat format);

/// Writes a stream to standard output, or to --file, which gets its name only when the stream is
/// whole. Count and SHA-256 are verified; gaps are named on `err`. Errors: cli.output,
/// export.unverified, those of the API.
Outcome<int> write_export(const Context& context, const ExportView& view);

}  // namespace evidenced::cli
