package api

import (
	"context"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"congvan/exchange"
)

// metrics are the figures of one server, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(ends expiryCollector) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "congvan_http_requests_total", Help: "Requests answered, by route, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "congvan_http_request_seconds", Help: "How long requests took, by route.",
			Buckets: []float64{0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30, 120},
		}, []string{"route"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, ends,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// measure counts a request. Only the pattern of a route becomes a label, never what was asked.
func (s *Server) measure(c *gin.Context) {
	began := s.now()
	c.Next()
	route := c.FullPath()
	s.metrics.requests.WithLabelValues(route, method(c.Request.Method), strconv.Itoa(c.Writer.Status())).Inc()
	s.metrics.seconds.WithLabelValues(route).Observe(s.now().Sub(began).Seconds())
}

// method keeps words that a client made up out of the labels.
func method(name string) string {
	switch name {
	case "GET", "POST", "PUT", "DELETE", "HEAD":
		return name
	default:
		return "other"
	}
}

type metricsOutput struct {
	Body func(huma.Context)
}

func (s *Server) readMetrics(context.Context, exchange.Actor, *struct{}) (*metricsOutput, error) {
	handler := promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{})
	return &metricsOutput{func(ctx huma.Context) {
		c := humagin.Unwrap(ctx)
		handler.ServeHTTP(c.Writer, c.Request)
	}}, nil
}

// expiryCollector gives how many days the certificates have left that the gateway rests on.
type expiryCollector struct{ server *Server }

var daysLeft = prometheus.NewDesc("congvan_certificate_days_left",
	"Whole days until the certificate ends; less than 0: it has ended.", []string{"what", "name", "office"}, nil)

// Describe names the one figure.
func (expiryCollector) Describe(out chan<- *prometheus.Desc) { out <- daysLeft }

// Collect gives the figure of every certificate; of two that are called the same, the one that ends first.
func (c expiryCollector) Collect(out chan<- prometheus.Metric) {
	if c.server.config.Expiries == nil {
		return
	}
	least := map[[3]string]int{}
	for _, each := range c.server.config.Expiries() {
		if each.Fault != "" {
			continue
		}
		key := [3]string{string(each.What), each.Name, string(each.Office)}
		days := each.Days(c.server.now())
		if other, known := least[key]; !known || days < other {
			least[key] = days
		}
	}
	for key, days := range least {
		out <- prometheus.MustNewConstMetric(daysLeft, prometheus.GaugeValue, float64(days), key[:]...)
	}
}
