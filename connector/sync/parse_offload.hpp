#pragma once

#include "connector/bitbucket/parse.hpp"
#include "connector/sync/sync_service.hpp"

#include <string>

namespace evidenced::connector {

/// Parses a body: a large one on the workers, so that the io thread goes on serving. Errors: those
/// of parse_page.
Task<Result<bitbucket::ParsedPage>> parse_off_thread(const SyncServices& services,
                                                     const bitbucket::Stream* stream,
                                                     std::size_t leg,
                                                     bitbucket::Partition partition,
                                                     std::string body);

}  // namespace evidenced::connector
