#pragma once

#include "api/json_out.hpp"
#include "config/error.hpp"
#include "storage/nouns.hpp"

#include <bitset>
#include <span>
#include <string>
#include <string_view>

namespace evidenced::api {

/// One member of an artifact: how it is written as JSON, and as a column of a CSV.
struct ArtifactField {
  std::string_view name;
  void (*write)(JsonOut&, const storage::Artifact&);
  bool in_csv;  ///< a column where nothing was asked for
};

/// All members, in the order of the answer.
std::span<const ArtifactField> artifact_fields();

/// Which members are asked for.
using FieldSet = std::bitset<32>;

/// Reads `fields` ("id,title"), repeated or separated by commas; none: all. `id` is always in.
/// Errors: request.invalid_field.
Result<FieldSet> read_fields(const std::vector<std::string>& lists);

FieldSet all_fields();
FieldSet csv_fields();

/// Whether content has to be read.
bool wants_content(const FieldSet& fields);

/// Writes an artifact; its content goes in verbatim.
void write_artifact(JsonOut& json, const storage::Artifact& artifact, const FieldSet& fields);
void write_revision(JsonOut& json, const storage::Revision& revision);

/// One CSV record (RFC 4180, CRLF); a text that a spreadsheet would take for a formula gets a
/// quote in front (OWASP CSV injection).
void write_csv_header(std::string& out, const FieldSet& fields);
void write_csv_record(std::string& out, const storage::Artifact& artifact, const FieldSet& fields);
void append_csv_cell(std::string& out, std::string_view text);

}  // namespace evidenced::api
