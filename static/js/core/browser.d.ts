/** Browser features that TypeScript's library does not declare yet. */

declare global {
  /** Global Privacy Control; TypeScript's library does not know it yet. */
  interface Navigator {
    readonly globalPrivacyControl?: boolean;
  }
  /** Speculation rules: true while a page is loaded ahead and not shown. */
  interface Document {
    readonly prerendering?: boolean;
  }
  /** Browsers that enforce trusted types; TypeScript's library does not know it yet. */
  var trustedTypes:
    | {
        createPolicy(
          name: string,
          rules: {
            createHTML(html: string): string;
            createScriptURL(address: string): string;
          },
        ): {
          createHTML(html: string): object | string;
          createScriptURL(address: string): object | string;
        };
      }
    | undefined;
}

export {};
