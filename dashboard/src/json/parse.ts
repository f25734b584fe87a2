// Reads JSON as it was sent. JSON.parse rounds large numbers, reorders names that look like indexes
// and drops repeated names; what is shown here is what went over the wire.
//
//   value = { ... } | [ ... ] | string | number (its source text) | true | false | null

export type JsonNode =
  | { kind: 'object'; members: JsonMember[] }
  | { kind: 'array'; items: JsonNode[] }
  | { kind: 'string'; value: string }
  | { kind: 'number'; source: string }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' };

export interface JsonMember {
  name: string;
  value: JsonNode;
}

const depthMax = 2000;
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const plainPattern = /[^"\\]*/y;
const blankPattern = /[ \t\n\r]*/y;

class Reader {
  private at = 0;
  private sources: Map<string, string> | null = null;

  constructor(private readonly text: string) {}

  document(): JsonNode {
    const node = this.value(0);
    this.skipBlanks();
    if (this.at !== this.text.length) this.fail('the end');
    return node;
  }

  // An object whose members' own texts are wanted as well, as they were sent.
  documentWithSources(): { node: JsonNode; sources: Map<string, string> } {
    this.sources = new Map();
    const node = this.document();
    return { node, sources: this.sources };
  }

  private value(depth: number): JsonNode {
    if (depth > depthMax) this.fail(`at most ${depthMax} levels`);
    this.skipBlanks();
    switch (this.text[this.at]) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return { kind: 'string', value: this.string() };
      case 't':
        return this.literal('true', { kind: 'boolean', value: true });
      case 'f':
        return this.literal('false', { kind: 'boolean', value: false });
      case 'n':
        return this.literal('null', { kind: 'null' });
      default:
        return { kind: 'number', source: this.number() };
    }
  }

  private object(depth: number): JsonNode {
    const members: JsonMember[] = [];
    this.at += 1;
    if (!this.take('}')) {
      do {
        this.skipBlanks();
        if (this.text[this.at] !== '"') this.fail('a name');
        const name = this.string();
        if (!this.take(':')) this.fail('a colon');
        this.skipBlanks();
        const start = this.at;
        members.push({ name, value: this.value(depth + 1) });
        if (depth === 0) this.sources?.set(name, this.text.slice(start, this.at));
      } while (this.take(','));
      if (!this.take('}')) this.fail('"," or "}"');
    }
    return { kind: 'object', members };
  }

  private array(depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.at += 1;
    if (!this.take(']')) {
      do items.push(this.value(depth + 1));
      while (this.take(','));
      if (!this.take(']')) this.fail('"," or "]"');
    }
    return { kind: 'array', items };
  }

  private string(): string {
    const start = this.at;
    this.at += 1;
    let plain = true;
    for (;;) {
      plainPattern.lastIndex = this.at;
      plainPattern.test(this.text);
      this.at = plainPattern.lastIndex;
      const character = this.text[this.at];
      if (character === '"') break;
      if (character === undefined) this.fail('a closing quote');
      plain = false;
      this.at += 2;
    }
    this.at += 1;
    const body = this.text.slice(start, this.at);
    return plain ? body.slice(1, -1) : (JSON.parse(body) as string);
  }

  private number(): string {
    numberPattern.lastIndex = this.at;
    const match = numberPattern.exec(this.text);
    if (!match) this.fail('a value');
    this.at = numberPattern.lastIndex;
    return match[0];
  }

  private literal(word: string, node: JsonNode): JsonNode {
    if (!this.text.startsWith(word, this.at)) this.fail(word);
    this.at += word.length;
    return node;
  }

  private take(character: string): boolean {
    this.skipBlanks();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private skipBlanks(): void {
    blankPattern.lastIndex = this.at;
    blankPattern.test(this.text);
    this.at = blankPattern.lastIndex;
  }

  private fail(expected: string): never {
    throw new SyntaxError(`expected ${expected} at offset ${this.at}`);
  }
}

export function parseJson(text: string): JsonNode {
  return new Reader(text).document();
}

export function parseJsonWithSources(text: string) {
  return new Reader(text).documentWithSources();
}

export function member(node: JsonNode | undefined, name: string): JsonNode | undefined {
  if (node?.kind !== 'object') return undefined;
  return node.members.find((candidate) => candidate.name === name)?.value;
}
