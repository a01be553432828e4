package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/crumb-go/crumb/shared/session/dynamostore"
)

// How many wrong passwords one address may try for one name in a window. Counting
// by name alone would let anybody lock a user out.
const (
	maxGuesses = 10
	window     = 15 * time.Minute
)

// guesses counts attempts to sign in.
type guesses interface {
	// count counts an attempt. wait is how long there are to be no more, else 0.
	count(ctx context.Context, key [16]byte) (wait time.Duration, err error)
	// takeBack uncounts an attempt, which was right.
	takeBack(ctx context.Context, key [16]byte) error
}

// guessKey stands for a name and an address. IPv6 addresses count by /64, of which
// every subscriber has one at least.
func guessKey(name, remoteAddr string) (key [16]byte) {
	host, _, err := net.SplitHostPort(remoteAddr)
	if err != nil {
		host = remoteAddr
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Unmap().Is6() {
		prefix, _ := ip.WithZone("").Prefix(64)
		host = prefix.String()
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "guess\x00%s\x00%s", host, name))
	copy(key[:], sum[:])
	return key
}

// tableGuesses counts in the table of the sessions: every instance of the function
// has to see the same number.
type tableGuesses struct {
	client *dynamodb.Client
	table  string
}

func (g tableGuesses) count(ctx context.Context, key [16]byte) (time.Duration, error) {
	n, end, err := g.add(ctx, key, 1)
	if err != nil || n <= maxGuesses {
		return 0, err
	}
	return time.Until(end).Truncate(time.Second) + time.Second, nil
}

func (g tableGuesses) takeBack(ctx context.Context, key [16]byte) error {
	_, _, err := g.add(ctx, key, -1)
	return err
}

// add adds to the count of this window, and returns it and the window's end.
func (g tableGuesses) add(ctx context.Context, key [16]byte, n int) (int, time.Time, error) {
	end := time.Now().Truncate(window).Add(window)
	out, err := g.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &g.table,
		Key: map[string]types.AttributeValue{
			dynamostore.UserHandle: &types.AttributeValueMemberB{Value: key[:]},
			dynamostore.TokenHash:  &types.AttributeValueMemberB{Value: binary.BigEndian.AppendUint64(nil, uint64(end.Unix()))},
		},
		UpdateExpression: aws.String("ADD guess_count :n SET " + dynamostore.ExpiresAt + " = :end"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":n":   &types.AttributeValueMemberN{Value: strconv.Itoa(n)},
			":end": &types.AttributeValueMemberN{Value: strconv.FormatInt(end.Unix(), 10)},
		},
		ReturnValues: types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, end, fmt.Errorf("count guesses: %w", err)
	}
	count, ok := out.Attributes["guess_count"].(*types.AttributeValueMemberN)
	if !ok {
		return 0, end, fmt.Errorf("count guesses: no count")
	}
	total, err := strconv.Atoi(count.Value)
	return total, end, err
}
