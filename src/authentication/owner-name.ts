/**
 * Names of those who have API keys. No colon, which names have that come from an issuer, and not the name of all who do
 * not say who they are.
 */
export const ownerPattern = /^(?!anonymous$)[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/;
