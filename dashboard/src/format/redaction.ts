// The reason codes of an exchange's `redaction` list in words.
import { visibleText } from './visible_text';

const causes: Record<string, string> = {
  invalid_json: 'it is not valid JSON, so no field could be masked on its own',
  invalid_utf8: 'it is not valid UTF-8',
  truncated: 'only its beginning was captured, so its fields could not be found reliably',
  too_deep: 'it is nested too deeply',
  budget: 'finding the fields to mask would have cost too much time',
  output_size: 'masking its fields would have made it far larger than it was',
  unknown_encoding: 'its encoding is unknown',
  inflate: 'it could not be decompressed within the limits',
  invalid_form: 'its form fields could not be read',
  non_json: 'it is not JSON, and everything that is not JSON is to be masked',
};

export type Side = 'request' | 'response';

// The sentences that explain one side's reasons.
export function redactionNotes(reasons: readonly string[], side: Side): string[] {
  const prefix = `${side}_body:`;
  return reasons
    .filter((reason) => reason.startsWith(prefix))
    .map((reason) => {
      const code = reason.slice(prefix.length);
      const cause = causes[code] ?? `of the reason “${visibleText(code)}”`;
      return `The whole body was masked before it left the application, because ${cause}.`;
    });
}

// Reasons that name neither body, so that none goes unseen.
export function otherReasons(reasons: readonly string[]): string[] {
  return reasons.filter((reason) => !/^(request|response)_body:/.test(reason));
}
