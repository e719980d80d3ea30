// Package entra simulates the sign-in service of Microsoft Entra ID.
package entra
