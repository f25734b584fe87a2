// Every bound of the project, named with its unit last. A bound that a user can set has its default
// here; one that nobody should need to set is only here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace apitoolkit::limits {

// --- JSON and JSONPath ---
inline constexpr int kJsonDepthMax = 1024;                   // levels; deeper fails closed
inline constexpr int kJsonpathDepthMax = 64;                 // nested brackets of a path
inline constexpr int kJsonpathBytesMax = 64 << 10;           // of a path's text
inline constexpr int kJsonpathAlternativesMax = 64;          // that `a|b` expands to
inline constexpr std::int64_t kJsonpathNodesMax = 16 << 20;  // in one list of selected nodes
inline constexpr std::int64_t kRegexBytesMax = 1 << 20;      // RE2's memory for one pattern
inline constexpr int kDocumentPatternBytesMax = 4 << 10;     // a pattern that comes from a body
// Work that one redaction may cost, in steps (a node, or a byte that is looked at by itself) per
// byte of the document, plus a floor.
inline constexpr std::int64_t kRedactOperationsPerByteMax = 64;
inline constexpr std::int64_t kRedactOperationsMin = 1 << 20;
// What a redacted body may grow to: so many times its size, and a floor; more fails closed.
inline constexpr std::int64_t kRedactedGrowthFactorMax = 4;
inline constexpr std::int64_t kRedactedGrowthBytesMin = 1 << 20;
inline constexpr std::int64_t kRedactScratchBytesMax = 32 << 20;  // that a thread keeps
inline constexpr std::int64_t kStreamRecordBytesMax = 64 << 20;   // of NDJSON without an end
inline constexpr int kContentCodingsMax = 4;                      // in one Content-Encoding
inline constexpr int kFormNameLevelsMax = 64;    // of a field's name such as `a[b][c]`
inline constexpr int kFormListGapsMax = 65'536;  // positions of `a[9]` and the like left empty
inline constexpr int kFormFieldsMax = 65'536;  // of a url-encoded form, each of which costs objects
inline constexpr int kMultipartPartsMax = 4096;
inline constexpr int kMultipartBoundaryBytesMax = 70;  // RFC 2046, section 5.1.1
// Of URLs in the values of URLs, each encoded once more; decoding them all is quadratic. What is
// deeper is masked unread.
inline constexpr int kNestedUrlLevelsMax = 8;
// A compressed body of an exchange, inflated in the application's process. 64 KB can become
// anything; reading JSON takes up to 30 times its size. Nearly twice what a message holds: what is
// larger could not leave unless most of it were masked.
inline constexpr std::int64_t kInflatedBodyBytesMax = 16 << 20;
inline constexpr std::int64_t kInflatedBytesMax = 64 << 20;  // a publish request, a stored asset

// --- A message (wire/README.md) ---
inline constexpr std::int64_t kMessageBytesMax =
    9'000'000;  // an encoded message; bodies are cut to fit
inline constexpr std::int64_t kPublishBytesMax = 10'000'000;  // a publish request, Google's limit
inline constexpr int kPublishMessagesMax = 1000;              // Google's limit
inline constexpr int kPublishAttributesMax = 100;             // of one message, Google's limit
inline constexpr int kHeadersMax = 256;                       // of one request or response
inline constexpr int kParamsMax = 1000;                       // of one path or query; tags too
inline constexpr int kErrorsMax = 64;                         // of one exchange
inline constexpr std::int64_t kStackTraceBytesMax = 64 << 10;
// One message, or all of one publish request, once decoded: a name is repeated for each of its
// values, and an empty element takes more memory than its text.
inline constexpr std::int64_t kDecodedBytesMax = 32 << 20;

// --- OTLP, received ---
inline constexpr std::int64_t kOtlpBodyBytesMax = 64 << 20;      // of a request, inflated
inline constexpr std::int64_t kOtlpDecodedBytesMax = 160 << 20;  // what a request becomes
inline constexpr std::int64_t kOtlpJsonTokensMax = 16 << 20;     // brackets, commas and colons
inline constexpr int kOtlpValueLevelsMax = 32;                   // lists and maps in one another
inline constexpr std::int64_t kLogBodyBytesMax = 64 << 10;       // of a record; the rest is cut
inline constexpr std::size_t kLogAttributesBytesMax = 64 << 10;  // more are left out
inline constexpr int kOtlpKeysMax = 64;               // different API keys of one request
inline constexpr int kOtlpAncestorsMax = 64;          // that are looked at to find a span's request
inline constexpr int kOtlpTwinsRemembered = 1 << 18;  // SDK's spans whose twins may come later

// --- SDK ---
inline constexpr std::int64_t kQueueBytesMax = 32 << 20;
inline constexpr std::int64_t kQueueErrorsShare = 16;  // a part of the queue that only errors get
inline constexpr std::int64_t kPressureStepMs = 1000;  // between two halvings of what is taken
inline constexpr int kPressureHalvingsMax = 10;
inline constexpr std::int64_t kBatchBytesMax = 9'000'000;
inline constexpr std::int64_t kLingerMsMin = 20;
inline constexpr std::int64_t kLingerMsMax = 1000;
inline constexpr std::int64_t kSpoolScanMs = 15'000;    // between two looks for what others left
inline constexpr std::int64_t kSpoolPatienceMs = 1000;  // with a call, while the queue fills
inline constexpr std::int64_t kGzipBytesMin = 1 << 10;  // of a request that is compressed
inline constexpr std::int64_t kBackoffMsMin = 100;
inline constexpr std::int64_t kBackoffMsMax = 60'000;
inline constexpr std::int64_t kRetryAfterMsMax =
    600'000;                                  // a server's wish for more is cut to this
inline constexpr int kSplitRequestsMax = 64;  // to find the messages of a batch that are refused
inline constexpr std::int64_t kHttpTimeoutMs = 10'000;
inline constexpr std::int64_t kMetadataRetryS = 30;  // after a refresh that failed
inline constexpr std::int64_t kMetadataBytesMax = 1 << 20;
inline constexpr std::int64_t kMetadataRefreshS = 60;
inline constexpr std::int64_t kTokenLifetimeS = 3600;
inline constexpr std::int64_t kTokenRenewBeforeS = 225;
inline constexpr int kLogRecordsMax = 100;          // that nobody has taken yet
inline constexpr int kLogRecordsPerMinuteMax = 30;  // above debug
inline constexpr std::int64_t kLogRecordBytesMax = 16 << 10;
inline constexpr int kClientsMax = 64;  // of one process that are stopped at its exit
inline constexpr std::int64_t kMemoryTransportMessagesMax = 10'000;
inline constexpr int kExtraRulesMax = 512;               // of one client, kept compiled
inline constexpr std::int64_t kCallBytesMin = 64 << 10;  // of a publish on the slowest uplink
inline constexpr int kSlowCallDoublingsMax = 4;  // of the time for one message on such an uplink
inline constexpr std::int64_t kSpoolBytesMax = 256 << 20;
inline constexpr std::int64_t kSpoolSegmentBytesMax = 8 << 20;  // unless one record is longer
inline constexpr std::int64_t kSpoolSegmentBytesMin = 64 << 10;
inline constexpr std::int64_t kSpoolRecordBytesMax =
    kMessageBytesMax + 4L * kPublishMessagesMax;  // not compressed, with the messages' lengths
inline constexpr std::int64_t kSpoolSegmentReadBytesMax = 32
                                                          << 20;  // what follows is not looked at
inline constexpr int kSpoolFilesMax = 100'000;                    // that are listed
inline constexpr int kSpoolOwnersMax = 256;  // spools that a process has open or has adopted
inline constexpr int kSpoolAdoptedMax = 16;  // by one spool, at a time

// --- Server ---
inline constexpr std::int64_t kRequestHeaderBytesMax = 64 << 10;
inline constexpr std::int64_t kRequestBodyBytesMax = 14 << 20;  // Google's 10 MB as base64 in JSON
inline constexpr std::int64_t kRequestTimeoutS = 30;            // to send a whole request
inline constexpr std::int64_t kIdleTimeoutS = 75;               // between requests
inline constexpr int kConnectionsMax = 10'000;
inline constexpr std::int64_t kRequestsBytesMax = 128
                                                  << 20;     // bodies being read or handled, in all
inline constexpr std::int64_t kAnswersBytesMax = 256 << 20;  // that clients have not read, in all
inline constexpr std::int64_t kSmallAnswerBytesMax = 32 << 10;     // counts as nothing in that
inline constexpr std::int64_t kSlowestReaderBytesPerS = 16 << 10;  // slower clients are cut off
// Written to one stream and not taken by its client's kernel; more is refused.
inline constexpr std::int64_t kStreamBacklogBytesMax = 1 << 20;
inline constexpr std::int64_t kStopTimeoutS = 15;          // for requests in flight, at the end
inline constexpr std::int64_t kLingerBytesMax = 16 << 20;  // read and dropped after a refusal
inline constexpr std::int64_t kLingerTimeoutMs = 2000;
inline constexpr int kHttp2StreamsMax = 100;                    // of one connection, at a time
inline constexpr std::int64_t kHttp2StreamBytesMin = 4 << 10;   // that an open stream counts as
inline constexpr int kHttp2StreamWindowBytes = 1 << 20;         // sent ahead of what was read
inline constexpr int kHttp2ConnectionWindowBytes = 4 << 20;     // so too, by all its streams
inline constexpr std::int64_t kGrpcTextBytesMax = 2 << 10;      // of an error, as a trailer has it
inline constexpr std::int64_t kGrpcPublishBytesMax = 11 << 20;  // Google's 10 MB and some
inline constexpr std::int64_t kGrpcTopicBytesMax = 64 << 10;
inline constexpr int kWorkQueueMax = 4096;      // requests that wait for a worker
inline constexpr int kCommitRecordsMax = 4000;  // of one transaction
inline constexpr int kSessionsMax = 10'000;
inline constexpr int kLoginPeersMax = 10'000;    // addresses whose failures are counted
inline constexpr std::int64_t kRetryAfterS = 1;  // asked of clients when a queue is full
inline constexpr std::int64_t kIngestQueueBytesMax = 64 << 20;  // decoded, not yet committed
inline constexpr int kPageRowsMax = 1000;
inline constexpr int kPageRowsDefault = 100;
inline constexpr std::int64_t kPageBytesMax = 32
                                              << 20;  // a page ends early rather than exceed this
inline constexpr std::int64_t kDiskFreeBytesMin = 256 << 20;  // below this the server is read-only
inline constexpr int kRetentionDaysDefault = 14;
// Below this the oldest day goes, so that the server need not become read-only.
inline constexpr std::int64_t kRetentionFreeBytesMin = 512 << 20;
inline constexpr std::int64_t kSessionLifetimeS = 14 * 86'400;
inline constexpr int kLoginAttemptsPerMinuteMax = 10;
inline constexpr std::size_t kNameBytesMax = 256;  // of a user, a key, a project; a password
inline constexpr std::size_t kPasswordBytesMin = 8;
inline constexpr std::int64_t kApiBodyBytesMax = 1 << 20;       // of a REST request
inline constexpr std::int64_t kKeyRateMax = 1'000'000'000'000;  // requests or bytes a second
inline constexpr std::int64_t kRateBurstS = 5;   // seconds' worth that a key may send at once
inline constexpr int kRedactionRulesMax = 1000;  // of one project
inline constexpr std::size_t kRuleTextBytesMax = 4096;  // of one redaction rule's value
inline constexpr int kSharesMax = 1000;                 // of one project
inline constexpr std::int64_t kShareLifetimeSMax = 30 * 86'400;
inline constexpr std::int64_t kShareLifetimeSDefault = 7 * 86'400;
inline constexpr std::int64_t kAuditEntriesMax = 100'000;  // the oldest go first
inline constexpr std::int64_t kDeadLettersMax = 10'000;    // the oldest go first
inline constexpr std::int64_t kDeadLettersBytesMax = 64 << 20;
inline constexpr std::int64_t kStoredRecordBytesMax = 64 << 20;  // of one exchange, not compressed
inline constexpr int kBlockRowsMax = 4096;                       // exchanges of one block
inline constexpr std::int64_t kBlockMergeBytesMax = 16 << 20;    // read by one merge, compressed
inline constexpr int kBlocksSmallMax = 16;  // of a project and day, before they are merged
inline constexpr int kBlocksMediumMax = 8;
inline constexpr std::int64_t kIdentityFilterBytesMax = 48 << 20;  // of all days, in memory
inline constexpr std::int64_t kStrayIdentitiesMax = 16 << 20;      // in memory; 4 to 8 bytes each
inline constexpr int kQueryThreadsMax = 4;                         // that read blocks for one query
inline constexpr int kStoreWritersOpenMax = 4;                     // days' files open for writing
inline constexpr int kStoreReadersIdleMax = 64;                    // connections kept for reuse

// --- Queries ---
inline constexpr std::int64_t kQueryBytesMax = 16 << 10;
inline constexpr int kQueryDepthMax = 64;     // of brackets; steps of a path; terms of one sum
inline constexpr int kQuerySectionsMax = 32;  // of one pipeline
inline constexpr int kQueryListMax = 1000;    // values of one list
inline constexpr int kQueryColumnsMax = 64;   // that a query has at one time
inline constexpr std::int64_t kQueryValueBytesMax = 16 << 20;  // that strcat or a list makes
inline constexpr std::int64_t kQueryRowsDefault = 500;         // of an answer
inline constexpr std::int64_t kQueryRowsMax = 10'000;
inline constexpr std::int64_t kQueryMemoryBytesMax = 256 << 20;  // that one query collects
inline constexpr int kQueryRegexesMax = 32;  // of one query, each of which takes memory
// Rows between two looks at the clock, and at whether to stop. One row may take a regular
// expression tens of milliseconds.
inline constexpr int kQueryRowsPerLook = 16;
inline constexpr int kQueriesMax = 3;            // at the same time, of the four readers
inline constexpr std::int64_t kQueryTimeS = 30;  // that one may take

// --- Downloads and the live tail ---
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
