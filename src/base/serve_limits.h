// The bounds of limits.h that only answering concerns: the live tail, queries, the order of
// receipts. Apart, because everything includes limits.h and these change with the routes.
#pragma once

#include <cstdint>

namespace apitoolkit::limits {

inline constexpr int kQueryRegexesMax = 32;  // of one query, each of which takes memory
// Rows between two looks at the clock, and at whether to stop. One row may take a regular
// expression tens of milliseconds.
inline constexpr int kQueryRowsPerLook = 16;
inline constexpr int kQueriesMax = 3;            // at the same time, of the four readers
inline constexpr std::int64_t kQueryTimeS = 30;  // that one may take

inline constexpr int kDownloadsMax = 2;  // of exchanges as a file, at the same time
inline constexpr int kDownloadRowsDefault = 10'000;
inline constexpr int kDownloadRowsMax = 100'000'000;

inline constexpr int kTailListenersMax = 128;
inline constexpr int kTailListenersOfProjectMax = 32;
inline constexpr std::int64_t kTailBacklogBytesMax = 4 << 20;  // of one listener
inline constexpr std::int64_t kTailEventBytesMax = 512 << 10;  // else without the bodies
inline constexpr std::int64_t kTailQueueBytesMax = 64 << 20;   // committed, not yet looked at
inline constexpr std::int64_t kTailMissedMax = 10'000;         // exchanges to catch up with
inline constexpr std::int64_t kTailScanRowsMax = 100'000;      // looked at to find them
inline constexpr std::int64_t kTailLateS = 3600;  // from an exchange's beginning to its receipt
inline constexpr std::int64_t kTailBeatS = 15;
// A clock that was set back by more begins a new order of receipts.
inline constexpr std::int64_t kReceiptsOutOfOrderS = 60;

}  // namespace apitoolkit::limits
