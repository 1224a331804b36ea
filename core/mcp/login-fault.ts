/** Tells the faults of a login from all others: no request that they kept from the server was executed. */
import {
  AuthorizationServerMismatchError,
  InsecureTokenEndpointError,
  InsufficientScopeError,
  IssuerMismatchError,
  OAuthError,
  RegistrationRejectedError,
  UnauthorizedError,
} from '@modelcontextprotocol/client'

const faults = [
  ...[OAuthError, IssuerMismatchError, AuthorizationServerMismatchError, UnauthorizedError],
  ...[InsecureTokenEndpointError, InsufficientScopeError, RegistrationRejectedError],
]

export function isOfLogin(error: unknown): error is Error {
  return faults.some(fault => fault.isInstance(error))
}
