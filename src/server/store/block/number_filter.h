// Which larger numbers stand in a page's bodies, so that who looks for one reads few pages.
//
// number filter := may_have_others:u8 bytes of a BloomFilter of number_hash
//
// Its keys are the digits in front of the point of what a JSON body has as a number, from
// kFilteredNumberMin on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/server/store/block/value_streams.h"

namespace apitoolkit::server::store {

inline constexpr std::int64_t kFilteredNumberMin = 1000;
// Decimals of more digits may say something else than their digits do.
inline constexpr std::int64_t kPlainNumberMax = 1'000'000'000'000'000;

// The digits in front of the point of a kInteger or kDecimal.
std::int64_t whole_part(std::int64_t number, ValueKind kind, std::uint8_t detail);

// `may_have_others`: there are numbers with exponents, or JSON that was not split.
std::string encode_number_filter(const ValueStreamsWriter& values, bool may_have_others);
// False only where no body has a number with these digits in front of its point. Any bytes may be
// given.
bool may_hold_number(std::string_view filter, std::int64_t whole_part);

}  // namespace apitoolkit::server::store
