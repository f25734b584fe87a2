// UTF-8 by three table look-ups, after Keiser and Lemire, "Validating UTF-8 in less than one
// instruction per byte" (2021): every malformed pair of bytes belongs to one of eight classes, and
// is found by intersecting the classes that the first byte's high half, its low half, and the
// second byte's high half allow. What pairs cannot tell, whether third and fourth bytes stand where
// a lead asks for them, is compared with the one class that is not always an error.
#pragma once

#include <cstdint>

namespace apitoolkit::json {
// Each level has its own copies on purpose; see scan_block.h.
// NOLINTBEGIN(misc-definitions-in-headers)
namespace {

constexpr std::uint8_t kTooShort = 1 << 0;             // a lead, then no continuation
constexpr std::uint8_t kTooLong = 1 << 1;              // ASCII, then a continuation
constexpr std::uint8_t kOverlong3 = 1 << 2;            // E0 80…9F
constexpr std::uint8_t kTooLarge = 1 << 3;             // F4 90… and above
constexpr std::uint8_t kSurrogate = 1 << 4;            // ED A0…
constexpr std::uint8_t kOverlong2 = 1 << 5;            // C0, C1
constexpr std::uint8_t kTooLargeOrOverlong4 = 1 << 6;  // F5… 80…8F, F0 80…8F
constexpr std::uint8_t kTwoContinuations = 1 << 7;     // right only after a lead of 3 or 4 bytes
constexpr std::uint8_t kAnyLow = kTooShort | kTooLong | kTwoContinuations;

alignas(16) constexpr std::uint8_t kUtf8FirstHigh[16] = {
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTooLong,
    kTwoContinuations,
    kTwoContinuations,
    kTwoContinuations,
    kTwoContinuations,
    kTooShort | kOverlong2,
    kTooShort,
    kTooShort | kOverlong3 | kSurrogate,
    kTooShort | kTooLarge | kTooLargeOrOverlong4};

constexpr std::uint8_t kLowAbove4 = kAnyLow | kTooLarge | kTooLargeOrOverlong4;
alignas(16) constexpr std::uint8_t kUtf8FirstLow[16] = {
    kAnyLow | kOverlong2 | kOverlong3 | kTooLargeOrOverlong4,
    kAnyLow | kOverlong2,
    kAnyLow,
    kAnyLow,
    kAnyLow | kTooLarge,
    kLowAbove4,
    kLowAbove4,
    kLowAbove4,
    kLowAbove4,
    kLowAbove4,
    kLowAbove4,
    kLowAbove4,
    kLowAbove4,
    kLowAbove4 | kSurrogate,
    kLowAbove4,
    kLowAbove4};

constexpr std::uint8_t kContinuation = kTooLong | kOverlong2 | kTwoContinuations;
alignas(16) constexpr std::uint8_t kUtf8SecondHigh[16] = {
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort,
    kContinuation | kOverlong3 | kTooLargeOrOverlong4,
    kContinuation | kOverlong3 | kTooLarge,
    kContinuation | kSurrogate | kTooLarge,
    kContinuation | kSurrogate | kTooLarge,
    kTooShort,
    kTooShort,
    kTooShort,
    kTooShort};

}  // namespace
// NOLINTEND(misc-definitions-in-headers)
}  // namespace apitoolkit::json
