// A segment: a file of records, to which its owner appends and which ends with its process.
//
//   segment := magic:8 version:4 crc:4 record*
//
// crc is the CRC-32 of magic and version. A head that is damaged does not matter: the reader goes
// on behind it. One that is whole and of another version is left alone, for whoever wrote it. A
// record at the end that is cut short was being written when the process was killed; it is no
// record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "apitoolkit/exchange.h"

namespace apitoolkit::sdk {

inline constexpr std::size_t kSegmentHeadBytes = 16;

std::string make_segment_head();
// True if `bytes`, of kSegmentHeadBytes, are the head of a version that is not read here.
bool is_of_another_version(std::string_view bytes);
// True if they are what make_segment_head gives.
bool is_segment_head(std::string_view bytes);

// The mark of an owner's records.
std::uint64_t mark_of(const Uuid& owner);

}  // namespace apitoolkit::sdk
