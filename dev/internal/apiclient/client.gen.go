package apiclient
